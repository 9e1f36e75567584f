#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/notify/address.hpp"
#include "base/system/fd.hpp"
#include "bridge/relay/decision.hpp"
#include "bridge/wrap/command_setup.hpp"
#include "bridge/wrap/intake.hpp"
#include "bridge/wrap/on_demand.hpp"
#include "bridge/wrap/sender_gate.hpp"
#include "bridge/wrap/speaker.hpp"

namespace notifybridge::wrap {

/// The task of `wrap`, from its options and its environment.
struct Settings {
    std::optional<std::string> shared_directory;  ///< If unset, messages go straight to `manager`.
    std::optional<notify::Address> manager;       ///< If also unset, there is `ready_descriptor`.
    system::UniqueFd ready_descriptor;            ///< The descriptor of --notify-fd; closed without
                                                  ///< that option.
    mode_t socket_mode = 0600;
    std::chrono::microseconds kill_after = std::chrono::seconds(5);
    bool limits_orphans = false;     ///< --kill-after also limits a stop that the host asked for.
    std::optional<int> stop_signal;  ///< If unset, SIGTERM or the signal that an init expects.
    Intake::Options intake;
    NotifyAccess notify_access = NotifyAccess::all;
    WatchdogPid watchdog_pid = WatchdogPid::none;
    relay::Policy policy;
    std::unique_ptr<relay::Reasons> reasons;
    Speaker::Options probes;
    OnDemand::Options on_demand;
    std::vector<std::string> command;
    bool hands_over_pid1 = false;  ///< We are PID 1, and the command has to be PID 1.
};

}  // namespace notifybridge::wrap
