#include "base/process/exit_status.hpp"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>

#include "base/process/received_end.hpp"
#include "base/util/concat.hpp"

namespace notifybridge::process {

std::string signal_name(int signal) {
    const char* const name = ::sigabbrev_np(signal);
    return name ? util::concat("SIG", name) : util::concat("signal ", signal);
}

std::string describe(ExitStatus status) {
    return status.signal ? util::concat("was killed by ", signal_name(status.signal))
                         : util::concat("exited with status ", status.code);
}

bool is_terminating(int signal) {
    switch (signal) {
        case SIGCHLD:
        case SIGCONT:
        case SIGSTOP:
        case SIGTSTP:
        case SIGTTIN:
        case SIGTTOU:
        case SIGURG:
        case SIGWINCH:
            return false;
        default:
            return true;
    }
}

bool asks_for_end(int signal) {
    return signal == SIGTERM || signal == SIGINT || signal == SIGQUIT;
}

ExitStatus own_exit(ExitStatus command, const SignalSet& received, bool is_pid1) {
    const int signal = received_end(command, received);
    return asks_for_end(signal) && !is_pid1 ? ExitStatus::killed(signal)
                                            : ExitStatus::exited(command.shell_status());
}

void exit_like(ExitStatus status) {
    if (status.signal) {
        const rlimit no_core{0, 0};
        ::setrlimit(RLIMIT_CORE, &no_core);
        ::signal(status.signal, SIG_DFL);
        sigset_t set;
        ::sigemptyset(&set);
        ::sigaddset(&set, status.signal);
        ::kill(::getpid(), status.signal);
        ::sigprocmask(SIG_UNBLOCK, &set, nullptr);
    }
    std::exit(status.shell_status());
}

}  // namespace notifybridge::process
