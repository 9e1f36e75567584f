#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "base/util/literal.hpp"
#include "base/util/log.hpp"
#include "base/util/named.hpp"

/// Converts severities to words and digits, and back.
namespace notifybridge::util {

/// Our names for the severities, in the order of Severity.
inline constexpr std::array<Literal, 5> severity_names = {"error", "warning", "notice", "info",
                                                          "debug"};

constexpr std::string_view name_of(Severity severity) noexcept {
    return severity_names[static_cast<std::size_t>(severity)];
}

/// Returns the severity called `name`. Returns nullopt if `name` is not in `severity_names`.
constexpr std::optional<Severity> severity_named(std::string_view name) noexcept {
    return named<Severity>(severity_names, name);
}

/// Returns the digit of syslog(3): LOG_ERR is '3'.
constexpr char priority_of(Severity severity) noexcept {
    return static_cast<char>('3' + static_cast<int>(severity));
}

/// Returns the severity of a digit of syslog(3). Levels that are more urgent than LOG_ERR count as
/// errors, because `Severity` does not have them. Other characters count as errors, too.
constexpr Severity severity_of_priority(char digit) noexcept {
    return digit > '3' && digit <= '7' ? static_cast<Severity>(digit - '3') : Severity::error;
}

}  // namespace notifybridge::util
