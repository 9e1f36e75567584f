#pragma once

#include <span>
#include <string_view>

#include "base/util/function_ref.hpp"
#include "init/files/unit/messages.hpp"

namespace notifybridge::unit {

/// A "KEY=VALUE" of a unit file. The texts are valid only during the call of `Assign`.
struct Assignment {
    std::string_view section;
    std::string_view key;
    /// The value, which may be empty. Continued lines are joined, and white space at both ends is
    /// removed.
    std::string_view value;
    Place place;  ///< The last line if several lines were joined.
};

/// Removes the first line from `text`, and returns this line without its end. "\n", "\r" and NUL
/// end a line. Several different characters of these in a row count as one end.
std::string_view take_line(std::string_view& text);

/// The length in bytes of the longest line. systemd refuses a file with a longer line. Joined lines
/// count as one line.
inline constexpr std::size_t longest_line = 1024 * 1024;

/// A function that receives an assignment, and returns whether to continue.
using Assign = util::FunctionRef<bool(const Assignment&)>;

/// Reads the text of a unit file (systemd.syntax(7)). Calls `assign` for each assignment in one of
/// `sections`, in order. Warns of lines that systemd ignores. Returns 0, or ECANCELED if `assign`
/// returned false.
///
/// If systemd refuses the file, adds a message and returns systemd's error. The error is EBADMSG if
/// a header does not end with "]". It is EINVAL if bytes are not UTF-8, and ENOBUFS if a line is
/// too long. `assign` has received the assignments before the error.
int parse_syntax(std::string_view text, std::string_view file,
                 std::span<const std::string_view> sections, Assign assign, Messages& messages);

}  // namespace notifybridge::unit
