#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <variant>

#include "base/notify/state.hpp"
#include "base/process/exit_status.hpp"
#include "bridge/relay/decision.hpp"

/// The events on the host's side. The object that notices an event emits it, and HostPlan decides
/// what to do. In events, `member` is the number of a container within the unit.
namespace notifybridge::wait {

/// A run was found, and is followed from now on.
struct RunBegan {
    std::size_t member = 0;
    bool is_command = false;  ///< Whether the run's `wrap` is the command itself.
    bool is_resumed = false;  ///< Whether an earlier `wait` has begun to read the run.
};

/// A resumed run continues. `said` is the state that an earlier `wait` has sent.
struct RunResumed {
    std::size_t member = 0;
    notify::State said = {};
};

/// A followed run has ended.
struct RunEnded {
    std::size_t member = 0;
    /// How the run's command ended; nullopt if the run broke off.
    std::optional<process::ExitStatus> end = {};
};

/// All messages that a member had written before the end of the command were read.
struct CaughtUp {
    std::size_t member = 0;
};

/// A shared directory was removed while it contained no run.
struct DirectoryRemoved {
    std::size_t member = 0;
    bool had_run = false;  ///< Whether a run was followed in this directory before.
};

/// A message was sent to the service manager, and its content concerns HostPlan.
struct Sent {
    bool ready = false;
    bool stopping = false;
    std::optional<std::chrono::microseconds> extend_timeout = {};
};

/// This process received a signal.
struct Signalled {
    int signal = 0;
};

struct CommandEnded {
    process::ExitStatus end = {};
    /// Whether a signal that we have just received, too, has killed the command.
    bool by_shared_signal = false;
};

/// The container manager has done, or could not do, what ContainerKiller asked.
struct ManagerAnswered {
    bool has_succeeded = false;
};

/// The time that `HostPlan::next_time` returned has come.
struct TimePassed {};

using Event = std::variant<RunBegan, RunResumed, RunEnded, CaughtUp, DirectoryRemoved, Sent,
                           Signalled, CommandEnded, ManagerAnswered, TimePassed>;
using OnEvent = std::function<void(const Event&)>;

/// Emits `Sent` after a message was sent, if the message concerns HostPlan. Most messages cause no
/// event.
inline void emit_sent(const OnEvent& on_event, const relay::Decision& message) {
    if (on_event && (message.ready || message.stopping || message.extend_timeout))
        on_event(Sent{message.ready, message.stopping, message.extend_timeout});
}

}  // namespace notifybridge::wait
