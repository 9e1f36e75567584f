#pragma once

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

namespace notifybridge::test {

/// A process that does nothing until it is ended, at the latest by the destructor.
class Child {
public:
    Child() : pid_(::fork()) {
        if (pid_ != 0)
            return;
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;)
            ::pause();
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        end();
        reap();
    }

    pid_t pid() const { return pid_; }

    /// Kills it. Returns when it is a zombie.
    void end() const {
        if (is_reaped_)
            return;
        ::kill(pid_, SIGKILL);
        siginfo_t info;
        ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
    }

    /// Makes its pid free.
    void reap() {
        if (!std::exchange(is_reaped_, true))
            ::waitpid(pid_, nullptr, 0);
    }

private:
    pid_t pid_;
    bool is_reaped_ = false;
};

}  // namespace notifybridge::test
