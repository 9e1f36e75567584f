#pragma once

#include <optional>
#include <string>

#include "base/process/exit_status.hpp"
#include "bridge/wait/members.hpp"
#include "bridge/wait/settings.hpp"

/// Explains in the log why a unit does not become ready.
namespace notifybridge::wait {

/// Returns why no `wrap` was started in a container, and what to do. Chooses the first container
/// that never had a `wrap`. `end` is how the command ended; nullopt while it runs. `pulls` is
/// whether the command pulls the image. Returns an empty text if each container had a `wrap`, whose
/// own log explains the rest.
std::string why_no_wrap(const Settings& settings, const Members& members,
                        std::optional<process::ExitStatus> end = {}, bool pulls = false);

/// Returns why READY=1 has not arrived. Returns an empty text if the only known reason is that the
/// start takes long. `pulls` is whether the command pulls the image.
std::string why_not_ready(const Settings& settings, const Members& members, bool pulls);

/// Returns how the command ended before READY=1, with the last STATUS of each container. `has_run`
/// means that a `wrap` was seen.
std::string early_end(const Settings& settings, const Members& members, process::ExitStatus end,
                      bool has_run);

/// Returns why WATCHDOG=1 is late: how long ago the last one was forwarded, and the last STATUS of
/// each container. Returns an empty text if there was neither.
std::string why_no_ping(const Members& members);

/// Returns the last STATUS of each container. Returns an empty text if there was none.
std::string last_status(const Members& members);

}  // namespace notifybridge::wait
