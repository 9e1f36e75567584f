#include "bridge/wrap/command_setup.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "base/process/inherited_fds.hpp"
#include "base/process/proc.hpp"
#include "base/system/pipe.hpp"
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
    const bool is_ours = pid && process::is_meant_for_us(*pid);
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

void close_passed_descriptors(bool needs_output) {
    const system::UniqueFd nothing = system::open_null();
    for (const int number : {STDIN_FILENO, STDOUT_FILENO})
        if (!::isatty(number) && !(number == STDOUT_FILENO && needs_output))
            ::dup2(nothing.get(), number);
    // Keep our own descriptors, which are close-on-exec.
    for (const int number : process::numbers_in("/proc/self/fd"))
        if (number > STDERR_FILENO && (::fcntl(number, F_GETFD) & FD_CLOEXEC) == 0)
            ::close(number);
}

}  // namespace notifybridge::wrap
