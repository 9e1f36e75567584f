#include "base/process/fork.hpp"

#include <signal.h>
#include <unistd.h>

#include <cerrno>

#include "base/process/exit_status.hpp"
#include "base/system/error.hpp"
#include "base/system/pidfd.hpp"

namespace notifybridge::process {

Child fork_child(const std::function<int()>& body) {
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::sigprocmask(SIG_BLOCK, &all, &before);
    const pid_t pid = ::fork();
    if (pid == 0) {
        int status = status_failed;
        // What it throws must not reach who called us, who is not there a second time.
        try {
            status = body();
        } catch (...) {
        }
        ::_exit(status);
    }
    const int fork_error = errno;
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    if (pid < 0)
        system::throw_error(fork_error, "fork");
    // Nobody else reaps it: the pid is its own until we do.
    auto pidfd = system::open_pidfd(pid);
    return {pid, pidfd ? std::move(*pidfd) : system::UniqueFd()};
}

}  // namespace notifybridge::process
