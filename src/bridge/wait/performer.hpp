#pragma once

#include <chrono>

#include "base/process/supervisor.hpp"
#include "bridge/relay/uplink.hpp"
#include "bridge/wait/wait_plan.hpp"

namespace notifybridge::wait {

/// Performs the actions of WaitPlan that are the same for containers and for a virtual machine.
/// These are the actions about the command, the service manager and the log.
class Performer {
public:
    Performer(process::Supervisor& supervisor, relay::Uplink& uplink,
              std::chrono::microseconds stop_timeout)
        : supervisor_(supervisor), uplink_(uplink), stop_timeout_(stop_timeout) {}

    /// Logs why messages will not arrive, if that is known.
    void warn_of_manager() const;

    /// Performs the action. Leaves signal_run, kill_container, explain_late and finish to the
    /// caller.
    void perform(const WaitPlan::Action& action);

    /// Logs the reason if `signal` is SIGKILL. Call this before the signal is sent.
    void explain_kill(int signal) const;

private:
    process::Supervisor& supervisor_;
    relay::Uplink& uplink_;
    std::chrono::microseconds stop_timeout_;
};

}  // namespace notifybridge::wait
