#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/system/fd.hpp"
#include "bridge/diagnosis/finding.hpp"

/// Writes the output of `status` to standard output.
namespace notifybridge::status {

inline constexpr system::Fd output(1);

/// Writes the text at once. Throws std::system_error if it cannot be written.
void print(std::string_view text);

/// Breaks long lines at the terminal's width. Continuation lines are indented by `indent` columns.
std::string fit(std::string text, std::size_t indent);

/// The column in which the text of a finding begins in the result of `to_text`.
inline constexpr std::size_t findings_indent = 20;

/// Returns one line for each finding, and one for each piece of advice.
std::string to_text(const diagnosis::Findings& findings, bool coloured);

void print_findings(const diagnosis::Findings& findings);

}  // namespace notifybridge::status
