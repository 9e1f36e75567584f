#include <signal.h>
#include <unistd.h>

#include <set>

#include "base/system/pidfd.hpp"
#include "init/hands/perform/unit_processes.hpp"

namespace notifybridge::perform {
namespace {

using unit_types::KillRequest;

bool needs_continue(int signal) {
    return signal != SIGKILL && signal != SIGCONT && signal != SIGSTOP;
}

bool is_child(pid_t pid) {
    const auto process = find_process(pid);
    return process && process->parent == ::getpid();
}

bool send_all(pid_t pid, system::Fd pidfd, int signal, const KillRequest& request) {
    if (!system::send_signal(pid, pidfd, signal))
        return false;
    if (request.continues && needs_continue(signal))
        system::send_signal(pid, pidfd, SIGCONT);
    if (request.also_hangup)
        system::send_signal(pid, pidfd, SIGHUP);
    return true;
}

/// Signals a process if `is_still_it` returns true. The pid may belong to another process by now. A
/// pidfd ensures that the check and the signal concern the same process.
template <typename Check>
bool signal_checked(pid_t pid, int signal, const KillRequest& request, Check is_still_it) {
    const auto pidfd = system::open_pidfd(pid);
    return pidfd && is_still_it() && send_all(pid, *pidfd, signal, request);
}

/// Signals all processes except main and control, until a search finds no new process. Returns
/// whether at least one process got a signal.
bool signal_others(UnitProcesses& processes, const std::string& unit, const KillRequest& request) {
    // Limit the loop, because a unit may fork faster than we search.
    constexpr int most_rounds = 100;
    std::set<pid_t> done = {request.main, request.control, ::getpid()};
    bool any = false;
    bool is_new = true;
    for (int round = 0; is_new && round < most_rounds; ++round) {
        is_new = false;
        for (const pid_t pid : processes.processes(unit)) {
            if (!done.insert(pid).second)
                continue;
            is_new = true;
            any |= signal_checked(pid, request.others_signal, request,
                                  [&] { return processes.unit_of(pid) == unit; });
        }
    }
    return any;
}

}  // namespace

bool signal_unit(UnitProcesses& processes, const std::string& unit, const KillRequest& request,
                 const Others& others) {
    bool is_awaited = false;
    for (const pid_t pid : {request.main, request.control}) {
        if (pid <= 0)
            continue;
        const auto other = others.find(pid);
        if (other != others.end()) {
            // Wait only if the process has become our child since the watch began.
            is_awaited |= send_all(pid, other->second, request.signal, request) && is_child(pid);
            continue;
        }
        // The kernel reports the end of our child to us, even if the child has ended already.
        is_awaited |= is_child(pid);
        signal_checked(pid, request.signal, request, [&] { return is_child(pid); });
    }
    if (!request.all_others)
        return is_awaited;
    if (request.others_signal == SIGKILL && request.signal == SIGKILL) {
        if (processes.processes(unit).empty())
            return is_awaited;
        if (processes.kill_group(unit))
            return true;
    }
    return signal_others(processes, unit, request) || is_awaited;
}

}  // namespace notifybridge::perform
