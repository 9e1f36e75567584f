#include "base/process/helpers.hpp"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/event/deadline.hpp"
#include "base/process/clone.hpp"
#include "base/process/proc.hpp"
#include "base/process/title.hpp"
#include "base/system/pipe.hpp"
#include "base/util/function_ref.hpp"

namespace notifybridge::process {
namespace {

/// Waits for a byte on standard input, and then runs the program that `make` returns for it.
/// Returns the program's exit status. Runs in the standby child, whose standard input is `start`.
int execute_on_start(util::FunctionRef<Command(char)> make, const sigset_t& mask) {
    pollfd readable = {STDIN_FILENO, POLLIN, 0};
    while (::poll(&readable, 1, -1) < 0 && errno == EINTR) {
    }
    char byte;
    Command command = ::read(STDIN_FILENO, &byte, 1) == 1 ? make(byte) : Command();
    if (command.arguments.empty())
        return status_failed;
    command.signal_mask = mask;
    command.input = command.output = system::Fd(STDOUT_FILENO);
    siginfo_t info{};
    const Child program = spawn(command);
    return ::waitid(P_PID, static_cast<id_t>(program.pid), &info, WEXITED) == 0
               ? ExitStatus::of(info).shell_status()
               : status_failed;
}

}  // namespace

pid_t Helpers::start(Command command, GroupMembers members, Report report) {
    command.signal_mask = mask_;
    command.own_process_group = true;
    return add({spawn(command), members, std::move(report)});
}

pid_t Helpers::start_isolated_check(util::FunctionRef<int()> check, Report report) {
    Child child = fork_child([&check] {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        close_all_from(0);
        return check();
    });
    ::setpgid(child.pid, child.pid);
    return add({std::move(child), GroupMembers::killed, std::move(report)});
}

pid_t Helpers::start_standby(const std::string& title, system::Fd start,
                             util::FunctionRef<Command(char)> make, Report report) {
    Child child = fork_child([&] {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        const system::UniqueFd nothing = system::open_null();
        ::dup2(start.get(), STDIN_FILENO);
        ::dup2(nothing.get(), STDOUT_FILENO);
        close_all_from(STDERR_FILENO + 1);
        set_title(title);
        return execute_on_start(make, mask_);
    });
    ::setpgid(child.pid, child.pid);
    return add({std::move(child), GroupMembers::killed, std::move(report)});
}

pid_t Helpers::add(Helper helper) {
    const pid_t pid = helper.child.pid;
    helpers_.emplace(pid, std::move(helper));
    return pid;
}

void Helpers::kill(pid_t pid) {
    const auto helper = helpers_.find(pid);
    if (helper == helpers_.end())
        return;
    ::kill(-pid, SIGKILL);
    if (!helper->second.killed)
        helper->second.killed = event::Deadline::now();
}

void Helpers::kill_all() {
    for (const auto& [pid, helper] : helpers_)
        kill(pid);
}

bool Helpers::left_behind(pid_t pid) const {
    return groups_.contains(::getpgid(pid));
}

bool Helpers::are_ending(std::chrono::microseconds patience) const {
    const auto now = event::Deadline::now();
    return std::ranges::any_of(helpers_, [&](const auto& each) {
        return now - each.second.killed.value_or(now) < patience;
    });
}

void Helpers::reap() {
    for (auto at = helpers_.begin(); at != helpers_.end();) {
        siginfo_t info{};
        constexpr int without_reaping = WEXITED | WNOHANG | WNOWAIT;
        if (::waitid(P_PID, static_cast<id_t>(at->first), &info, without_reaping) < 0
            || info.si_pid == 0) {
            ++at;
            continue;
        }
        // Kill the group before reaping its leader: until the leader is reaped, no other group can
        // have this number.
        if (at->second.members == GroupMembers::killed)
            ::kill(-at->first, SIGKILL);
        ::waitid(P_PID, static_cast<id_t>(at->first), &info, WEXITED);
        std::erase_if(groups_, [](pid_t group) { return ::kill(-group, 0) < 0; });
        groups_.insert(at->first);
        const auto report = std::move(at->second.report);
        helpers_.erase(at);
        report(ExitStatus::of(info));
        at = helpers_.begin();  // `report` may have started or ended helpers.
    }
}

}  // namespace notifybridge::process
