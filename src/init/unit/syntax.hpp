#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "init/unit/messages.hpp"

namespace notifybridge::unit {

/// One "KEY=VALUE" of a unit file. The texts are only valid during the call of `Assign`.
struct Assignment {
    std::string_view section;
    std::string_view key;
    std::string_view
        value;    ///< Lines are joined and white space is stripped at both ends; may be empty.
    Place place;  ///< The last of the joined lines.
};

/// Removes the first line from `text` and returns it without its end. A line ends with "
/// ", "\r", NUL, or several different ones of these, which count as one.
std::string_view take_line(std::string_view& text);

/// systemd refuses a file with a longer line, joined or not.
inline constexpr std::size_t longest_line = 1024 * 1024;

/// Receives an assignment, and returns whether to continue.
using Assign = std::function<bool(const Assignment&)>;

/// Reads the text of a unit file (systemd.syntax(7)) and calls `assign`, in order, for each
/// assignment in one of `sections`. Warns about lines that systemd ignores. Returns 0, or ECANCELED
/// if `assign` returned false. If systemd refuses the file, adds a message and returns its error:
/// EBADMSG for a header that does not end in "]", EINVAL for bytes that are not UTF-8, ENOBUFS for
/// a line that is too long. Assignments before the error have been passed to `assign`.
int parse_syntax(std::string_view text, std::string_view file,
                 std::span<const std::string_view> sections, const Assign& assign,
                 Messages& messages);

}  // namespace notifybridge::unit
