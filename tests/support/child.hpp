#pragma once

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <utility>

namespace notifybridge::test {

/// A child process. The destructor kills it if it still runs.
class Child {
public:
    /// Starts a child that calls `act`, and then does nothing until it is killed.
    explicit Child(const std::function<void()>& act = [] {}) : pid_(::fork()) {
        if (pid_ != 0)
            return;
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::setpgid(0, 0);
        act();
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

    /// Kills the child and its process group. Returns when the child is a zombie.
    void end() const {
        if (is_reaped_)
            return;
        ::kill(-pid_, SIGKILL);
        ::kill(pid_, SIGKILL);
        siginfo_t info;
        ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
    }

    /// Reaps the child, so that its pid is free.
    void reap() {
        if (!std::exchange(is_reaped_, true))
            ::waitpid(pid_, nullptr, 0);
    }

    /// Waits until the child ends by itself. Returns its exit status.
    int wait() {
        int status = 0;
        if (!std::exchange(is_reaped_, true))
            ::waitpid(pid_, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

private:
    pid_t pid_;
    bool is_reaped_ = false;
};

/// Reaps all children of this process at the end of its scope.
struct ReapsChildren {
    ReapsChildren() = default;
    ReapsChildren(const ReapsChildren&) = delete;
    ReapsChildren& operator=(const ReapsChildren&) = delete;
    ~ReapsChildren() {
        while (::waitpid(-1, nullptr, 0) > 0) {
        }
    }
};

}  // namespace notifybridge::test
