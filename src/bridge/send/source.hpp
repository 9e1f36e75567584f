#pragma once

#include <sys/types.h>

#include <string>

#include "base/system/error.hpp"
#include "base/system/fd.hpp"

namespace notifybridge::send {

/// Returns the process to use as the sender of the message if no main process is named.
pid_t find_source();

/// Returns the process that the value of --pid names: a pid, "self", "parent", or "auto". Returns
/// an error if `text` names no process.
system::Result<pid_t> parse_main_pid(const std::string& text);

}  // namespace notifybridge::send
