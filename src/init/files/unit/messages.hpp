#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/util/log.hpp"

namespace notifybridge::unit {

/// The place that a message is about: a line of a file, or the whole file if `line` is 0.
struct Place {
    std::string_view file;
    unsigned line = 0;
};

/// A message about a unit's files. The text names the failure and the remedy.
struct Message {
    util::Severity severity;
    std::string file;
    unsigned line = 0;
    std::string text;
};

/// Returns "FILE:LINE: TEXT", the format of systemd and compilers.
std::string to_string(const Message& message);

class Messages {
public:
    /// Adds a message. After a hundred messages in a row about one file, keeps only errors.
    void add(util::Severity severity, Place place, std::string text);
    /// Adds a warning, which reports that something in a unit file is ignored.
    void warn(Place place, std::string text) {
        add(util::Severity::warning, place, std::move(text));
    }
    /// Adds an error, which reports that the unit cannot be used.
    void fail(Place place, std::string text) { add(util::Severity::error, place, std::move(text)); }

    /// Returns whether more than three messages in a row are about `file`. If so, callers can skip
    /// hints that take long to compute.
    bool are_enough_of(std::string_view file) const noexcept;

    const std::vector<Message>& all() const noexcept { return all_; }

private:
    std::vector<Message> all_;
    std::size_t in_a_row_ = 0;  ///< The number of messages in a row about the last file.
};

}  // namespace notifybridge::unit
