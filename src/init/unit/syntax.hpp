#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "init/unit/messages.hpp"

namespace notifybridge::unit {

/// One "KEY=VALUE" of a unit file. The texts are valid during the call they are handed to.
struct Assignment {
    std::string_view section;
    std::string_view key;
    std::string_view value;  ///< Without white space at both ends, lines joined; may be empty.
    Place place;             ///< Of the last line, where lines were joined.
};

/// Takes a line, or its rest, and returns it without its end: "\n", "\r" or NUL, or several
/// different ones of them, which count as one.
std::string_view take_line(std::string_view& text);

/// Longer lines, joined or not, are refused by systemd, and so are the files that have them.
inline constexpr std::size_t longest_line = 1024 * 1024;

/// Takes an assignment, and returns whether to go on.
using Assign = std::function<bool(const Assignment&)>;

/// Reads the text of a unit file (systemd.syntax(7)): calls `assign` for each assignment in one of
/// `sections`, in order. What systemd passes over is passed over with a warning. 0, or ECANCELED
/// where `assign` said so, or, with a message that says why, systemd's error where it refuses the
/// file: EBADMSG for a header that does not end in "]", EINVAL for bytes that are not UTF-8,
/// ENOBUFS for too long a line. What came before has been handed out by then.
int parse_syntax(std::string_view text, std::string_view file,
                 std::span<const std::string_view> sections, const Assign& assign,
                 Messages& messages);

}  // namespace notifybridge::unit
