#pragma once

#include <string_view>

/// Reads the output of `journalctl --output=export` (systemd, Journal Export Formats). Pure.
namespace notifybridge::diagnosis {

/// A field of an entry of the journal.
struct JournalField {
    std::string_view name;
    std::string_view value;
};

/// Takes the next field of an entry. Takes the empty line after the last field, and returns a field
/// without a name for it.
JournalField take_field(std::string_view& entries);

}  // namespace notifybridge::diagnosis
