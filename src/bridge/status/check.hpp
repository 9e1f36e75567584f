#pragma once

#include <string>
#include <vector>

#include "bridge/status/overview.hpp"

namespace notifybridge::status {

/// What was looked at, and whether it keeps messages from arriving.
struct Finding {
    enum class Verdict { good, note, problem };

    Verdict verdict = Verdict::good;
    std::string subject;  ///< In a word: "socket".
    std::string text;     ///< What there is, escaped.
    std::string advice;   ///< What to do about it, where something is to be done.
};

/// Looks at the directory, the run and the socket, `wait` and the unit that it is started by, in
/// the order of a message's way. Of `wait`, as much as can be seen from where this is asked. `path`
/// is the directory's, and `overview` what it has.
std::vector<Finding> check(system::Fd directory, const std::string& path, const Overview& overview);

/// The column in which what was found begins, in the lines of `to_text`.
inline constexpr std::size_t findings_indent = 20;

/// A line for each, and one for each advice.
std::string to_text(const std::vector<Finding>& findings, bool coloured);

}  // namespace notifybridge::status
