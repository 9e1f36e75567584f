#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <variant>

#include "base/notify/state.hpp"
#include "base/process/exit_status.hpp"
#include "bridge/relay/decision.hpp"

/// The events on the host's side. The objects that notice an event emit it, and HostPlan decides
/// what to do. `member` is the number of a container among those of the unit.
namespace notifybridge::wait {

/// A run was found, and is followed from now on.
struct RunBegan {
    std::size_t member = 0;
    bool is_command = false;  ///< Its `wrap` is the command itself.
    bool is_resumed = false;  ///< An earlier `wait` began to read it.
};

/// A resumed run goes on. An earlier `wait` has sent what it `said` so far.
struct RunResumed {
    std::size_t member = 0;
    notify::State said = {};
};

/// A run was followed to its end.
struct RunEnded {
    std::size_t member = 0;
    std::optional<process::ExitStatus> end = {};  ///< The end of its command; unset if the run
                                                  ///< broke off.
};

/// Everything that a member had written when the command ended was read.
struct CaughtUp {
    std::size_t member = 0;
};

/// A shared directory was removed while there was no run in it.
struct DirectoryRemoved {
    std::size_t member = 0;
    bool had_run = false;  ///< A run was followed there before.
};

/// The service manager was sent a message that HostPlan has to know.
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
};

/// The container manager could not kill the container.
struct ContainerNotKilled {};

/// The next time of the plan has come.
struct TimePassed {};

using Event = std::variant<RunBegan, RunResumed, RunEnded, CaughtUp, DirectoryRemoved, Sent,
                           Signalled, CommandEnded, ContainerNotKilled, TimePassed>;
using OnEvent = std::function<void(const Event&)>;

/// Emits `Sent` after a message was sent, unless HostPlan need not know it, as most.
inline void emit_sent(const OnEvent& on_event, const relay::Decision& message) {
    if (on_event && (message.ready || message.stopping || message.extend_timeout))
        on_event(Sent{message.ready, message.stopping, message.extend_timeout});
}

}  // namespace notifybridge::wait
