#pragma once

#include <optional>
#include <string>

#include "base/process/exit_status.hpp"
#include "bridge/wait/members.hpp"
#include "bridge/wait/settings.hpp"

/// Why a unit does not become ready, for the log.
namespace notifybridge::wait {

/// Returns why no `wrap` has come to the first container that never had one, and what to do. `end`
/// is how the command ended; unset while it runs. Returns an empty string if each container had a
/// `wrap`, which then explains itself in its own log.
std::string why_no_wrap(const Settings& settings, const Members& members,
                        std::optional<process::ExitStatus> end = {});

/// Returns why READY=1 has not come; empty if nothing more is known than that it takes long.
std::string why_not_ready(const Settings& settings, const Members& members);

/// Returns the last STATUS of each container; empty if there was none.
std::string last_status(const Members& members);

}  // namespace notifybridge::wait
