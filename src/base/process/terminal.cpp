#include "base/process/terminal.hpp"

#include <signal.h>
#include <unistd.h>

namespace notifybridge::process {

system::Fd controlling_terminal() noexcept {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        // tcgetpgrp fails with ENOTTY if the terminal is not our controlling terminal.
        if (::tcgetpgrp(fd) >= 0)
            return system::Fd(fd);
    return {};
}

bool is_session_leader() noexcept {
    return ::getsid(0) == ::getpid();
}

void keep_writing_in_background() noexcept {
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGTTOU);
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
}

void reclaim_foreground(system::Fd terminal) noexcept {
    sigset_t before;
    ::sigprocmask(SIG_BLOCK, nullptr, &before);
    // This call blocks SIGTTOU, which tcsetpgrp raises if this process is in the background.
    keep_writing_in_background();
    ::tcsetpgrp(terminal.get(), ::getpgrp());
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace notifybridge::process
