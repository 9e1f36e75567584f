#include "bridge/wrap/command_setup.hpp"

#include <unistd.h>

#include "base/util/concat.hpp"
#include "bridge/channel/lane.hpp"

namespace notifybridge::wrap {

using util::concat;

void pass_watchdog(process::Command& command, std::optional<std::chrono::microseconds> period,
                   WatchdogPid pid) {
    command.environment.unset("WATCHDOG_USEC");
    command.environment.unset("WATCHDOG_PID");
    if (!period)
        return;
    command.environment.set("WATCHDOG_USEC", concat(period->count()));
    if (pid == WatchdogPid::command)
        command.pid_variables.push_back("WATCHDOG_PID");
}

void pass_listen_fds(process::Command& command, const relay::NamedFds& handed_in) {
    process::Environment& environment = command.environment;
    const auto pid = environment.get("LISTEN_PID");
    const bool is_ours = pid && *pid == concat(::getpid());
    environment.unset("LISTEN_PIDFDID");
    if (!handed_in.fds.empty()) {
        command.passed_fds.assign(handed_in.fds.begin(), handed_in.fds.end());
        environment.set("LISTEN_FDS", concat(handed_in.fds.size()));
        environment.set("LISTEN_FDNAMES", channel::join_fd_names(handed_in.names));
    } else if (!is_ours) {
        for (const char* const name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"})
            environment.unset(name);
        return;
    }
    command.pid_variables.push_back("LISTEN_PID");
}

}  // namespace notifybridge::wrap
