#pragma once

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <string>
#include <vector>

#include "base/system/pipe.hpp"
#include "base/util/concat.hpp"
#include "init/hands/execute/start.hpp"
#include "init/hands/execute/units.hpp"
#include "init/hands/perform/unit_processes.hpp"

namespace notifybridge::perform::test {

/// A script that prints the pid of a shell, which waits until it is killed.
inline constexpr const char* waits = "sh -c 'sleep 1000 & echo $$; wait' &\n";

inline UnitProcesses without_groups() {
    return UnitProcesses(std::nullopt);
}

inline unit_types::KillRequest to_others(int signal, pid_t main) {
    unit_types::KillRequest request;
    request.signal = request.others_signal = signal;
    request.main = main;
    request.all_others = true;
    return request;
}

/// A script that runs as a unit's process. The destructor ends the process and all its descendants.
class Running {
public:
    Running(UnitProcesses& processes, const std::string& name, const std::string& script,
            const std::string& lines = "")
        : processes_(processes), name_(name) {
        ::prctl(PR_SET_CHILD_SUBREAPER, 1);
        units.directory.write("script", script);
        const auto unit =
            units.load(name, "[Service]\nExecStart=/bin/sh @/script\n" + lines + "\n");
        static int count = 0;
        invocation_ = util::concat("invocation-", ++count);
        const unit::Environment manager = execute::manager_environment("");
        execute::StartRequest request{.exec = unit.settings.exec,
                                      .command = unit.settings.service.exec_start->back(),
                                      .facts = units.facts,
                                      .manager_environment = manager};
        request.log = log_.writing;
        request.invocation_id = invocation_;
        const system::UniqueFd group = processes.group_of(name);
        request.cgroup = group;
        request.mark = processes.mark_of(name);
        child_ = execute::start(request).child;
        processes.add(name, child_.pid, invocation_);
        log_.writing.reset();
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() {
        unit_types::KillRequest kill;
        kill.signal = kill.others_signal = SIGKILL;
        kill.all_others = true;
        signal_unit(processes_, name_, kill);
        while (!processes_.processes(name_).empty() && reap_one().pid > 0) {
        }
        while (next_ended())
            reap_one();
        processes_.forget(name_);
    }

    pid_t pid() const { return child_.pid; }
    const std::string& invocation() const { return invocation_; }

    /// Returns the next line that the script writes within ten seconds.
    std::string line() {
        std::size_t end;
        while ((end = read_.find('\n')) == read_.npos) {
            pollfd wait{log_.reading.get(), POLLIN, 0};
            BOOST_TEST_REQUIRE(::poll(&wait, 1, 10000) == 1);
            char buffer[1024];
            const ssize_t size = ::read(log_.reading.get(), buffer, sizeof buffer);
            BOOST_TEST_REQUIRE(size > 0);
            read_.append(buffer, static_cast<std::size_t>(size));
        }
        const std::string line = read_.substr(0, end);
        read_.erase(0, end + 1);
        return line;
    }
    pid_t pid_line() { return std::stoi(line()); }

    /// Waits for the end of a process that is our child or has become our child.
    EndedProcess reap_one() {
        siginfo_t info{};
        if (::waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) < 0)
            return {};
        const auto ended = next_ended();
        processes_.remove(ended->pid);
        reap(ended->pid);
        return *ended;
    }

    const execute::test::Units units;

private:
    UnitProcesses& processes_;
    std::string name_;
    std::string invocation_;
    system::Pipe log_ = system::make_pipe();
    process::Child child_;
    std::string read_;
};

}  // namespace notifybridge::perform::test
