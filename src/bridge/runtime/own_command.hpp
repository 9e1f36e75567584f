#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/util/literal.hpp"

/// Recognises this program in the command lines of processes, units and containers.
namespace notifybridge::runtime {

inline constexpr std::string_view program_name = "notifybridge";
inline constexpr util::Literal wrapper_name = "container-notify-wrapper";
inline constexpr util::Literal waiter_name = "host-notify-waiter";

/// Returns whether a program with this name, given without its directory, is ours.
constexpr bool is_own_name(std::string_view name) {
    return name == program_name || name == wrapper_name || name == waiter_name;
}

/// Returns the subcommand that this command line runs, such as "wait" for "host-notify-waiter …".
/// Returns an empty string if the program is not ours or no subcommand is given.
std::string_view own_subcommand(std::span<const std::string> words);

}  // namespace notifybridge::runtime
