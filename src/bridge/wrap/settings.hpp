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

/// The settings of `wrap`, from its options and its environment.
struct Settings {
    /// The shared directory. If this is nullopt, messages are sent directly to `manager`. If there
    /// is no `manager` either, `ready_descriptor` is set.
    std::optional<std::string> shared_directory;
    std::optional<notify::Address> manager;  ///< The address of the service manager.
    /// The descriptor of --notify-fd; empty without this option.
    system::UniqueFd ready_descriptor;
    mode_t socket_mode = 0600;
    std::chrono::microseconds kill_after = std::chrono::seconds(5);
    /// Whether --kill-after also limits the time of orphans after `wait` has asked the command to
    /// stop. If not, only --stop-timeout of `wait` limits that time.
    bool limits_orphans = false;
    /// The stop signal. If it is nullopt, the command gets SIGTERM, or if the command is an init,
    /// the signal that this init expects.
    std::optional<int> stop_signal;
    Intake::Options intake;
    NotifyAccess notify_access = NotifyAccess::all;
    WatchdogPid watchdog_pid = WatchdogPid::none;
    relay::Policy policy;
    std::unique_ptr<relay::Reasons> reasons;
    Speaker::Options probes;
    OnDemand::Options on_demand;
    std::vector<std::string> command;
    bool hands_over_pid1 = false;  ///< Whether we are PID 1 and the command must become PID 1.
};

}  // namespace notifybridge::wrap
