#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

/// What /proc says of a process (proc(5)), as text. Empty where it is gone, may not be looked at,
/// or /proc is not mounted.
namespace notifybridge::process {

/// The value of a field of /proc/PID/status: "2" of "Seccomp".
std::string status_field(pid_t pid, std::string_view name);

/// The variables that it was started with, each with a NUL byte behind it.
std::string environ_of(pid_t pid);

/// The value of one of them, in their text; nothing where there is none of that name.
std::optional<std::string_view> variable_in(std::string_view environ, std::string_view name);

/// The same of a process; empty where it has none, too.
std::string variable_of(pid_t pid, std::string_view name);

}  // namespace notifybridge::process
