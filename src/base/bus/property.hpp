#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bus/reader.hpp"

namespace notifybridge::bus {

/// Returns the length of the first complete type in `types`, or 0 if there is none.
std::size_t size_of_type(std::string_view types);

/// Reads a value of the first type in `types`, and removes that type from `types`. Returns the
/// value as text: words are separated by spaces, booleans are "yes" and "no", and bytes are
/// hexadecimal digits. The reader fails if the value is not well-formed.
std::string read_text(Reader& reader, std::string_view& types);

/// A command of a unit, such as ExecStart=, and how it ended.
struct Command {
    std::vector<std::string> words;
    bool ignores_errors = false;
    int code = 0;    ///< CLD_EXITED, CLD_KILLED, ...; 0 if it has not ended.
    int status = 0;  ///< The exit status, or the signal.

    bool operator==(const Command&) const = default;
};

/// The value of a property. A negative number is stored as its two's complement. A filter such as
/// SystemCallFilter= is a text with "~" in front if it is a list of what is forbidden. A value of
/// any other type is the text that `read_text` returns.
using Value =
    std::variant<std::string, bool, std::uint64_t, std::vector<std::string>, std::vector<Command>>;
using Properties = std::vector<std::pair<std::string, Value>>;

/// Returns the name and value of each property in an answer to Properties.GetAll. Returns an empty
/// list if `body` is not well-formed.
Properties read_properties(std::string_view body);

/// Returns each unit's name and object path from an answer to Manager.ListUnits.
std::vector<std::pair<std::string, std::string>> read_unit_paths(std::string_view body);

/// Returns the object path of a unit (org.freedesktop.systemd1(5)).
std::string unit_path(std::string_view name);

}  // namespace notifybridge::bus
