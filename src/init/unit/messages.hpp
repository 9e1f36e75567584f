#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/util/log.hpp"

namespace notifybridge::unit {

/// What a message is about: a line of a file, or the whole file where the line is 0.
struct Place {
    std::string_view file;
    unsigned line = 0;
};

/// What there is to say about a unit's files: one sentence, with what was tried and what to do.
struct Message {
    util::Severity severity;
    std::string file;
    unsigned line = 0;
    std::string text;
};

/// "FILE:LINE: TEXT", as systemd and compilers have it.
std::string to_string(const Message& message);

class Messages {
public:
    /// After a hundred messages in a row about one file, only errors are kept.
    void add(util::Severity severity, Place place, std::string text);
    /// Something in a unit file is passed over.
    void warn(Place place, std::string text) {
        add(util::Severity::warning, place, std::move(text));
    }
    /// The unit cannot be used.
    void fail(Place place, std::string text) { add(util::Severity::error, place, std::move(text)); }

    /// Whether a file has enough messages for hints that take time to find to be left out.
    bool are_enough_of(std::string_view file) const noexcept;

    const std::vector<Message>& all() const noexcept { return all_; }

private:
    std::vector<Message> all_;
    std::size_t in_a_row_ = 0;  ///< Messages in a row about the last file.
};

}  // namespace notifybridge::unit
