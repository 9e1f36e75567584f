#include "init/hands/perform/reaper.hpp"

#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utility>

#include "base/system/pidfd.hpp"
#include "init/hands/perform/process_list.hpp"

namespace notifybridge::perform {

void Reaper::add(const std::string& unit, pid_t pid) {
    children_[pid] = unit;
}

/// Returns the unit of a process. A new child may not have joined its control group yet, and a
/// zombie may have left its group. Such a child belongs to the unit for which we started it.
std::string Reaper::unit_of(pid_t pid) {
    std::string key = state_.processes.unit_of(pid);
    const auto child = key.empty() ? children_.find(pid) : children_.end();
    return child == children_.end() ? key : child->second;
}

bool Reaper::watch(const std::string& unit, pid_t pid) {
    const auto process = find_process(pid);
    if (!process || pid == ::getpid())
        return false;
    const bool will_be_reaped = process->parent == ::getpid();
    if (!will_be_reaped && !others_.count(pid) && !watch_other(pid))
        return false;
    state_.processes.adopt(unit, pid);
    // If we started the process for the unit, we report its end to the unit anyway.
    const auto child = children_.find(pid);
    if (child == children_.end() || child->second != unit)
        watchers_[pid].insert(unit);
    return true;
}

bool Reaper::watch_other(pid_t pid) {
    auto pidfd = system::open_pidfd(pid);
    if (!pidfd)
        return false;
    const auto on_end_of_it = [this, pid] {
        const auto ended = others_.extract(pid);
        state_.poller.remove(ended.mapped());
        // The process may have become our child since the watch began. If so, SIGCHLD reports its
        // end.
        siginfo_t info{};
        if (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) < 0)
            report_last_ends(report_end({pid, {}, false}));
    };
    if (state_.poller.add(*pidfd, EPOLLIN, on_end_of_it))
        return false;
    others_[pid] = std::move(*pidfd);
    return true;
}

/// Reaps a process, and reports its end to its units. Returns the keys of these units.
std::set<std::string> Reaper::report_end(const EndedProcess& ended) {
    starts_.read_report(ended.pid);
    std::set<std::string> units{state_.processes.unit_of(ended.pid)};
    // A process that we started may have moved to the control group of another unit.
    bool is_known = false;
    if (const auto child = children_.extract(ended.pid)) {
        units.insert(child.mapped());
        is_known = true;
    }
    if (auto watchers = watchers_.extract(ended.pid)) {
        units.merge(watchers.mapped());
        is_known = true;
    }
    if (is_known)
        catch_up(units);
    state_.processes.remove(ended.pid);
    reap(ended.pid);
    for (const std::string& key : units)
        state_.tell(key, [&](manager::Unit& unit) {
            unit.process_ended(ended.pid, ended.status, ended.dumped_core);
        });
    return units;
}

/// Logs the last output of these units. Other units may write without end, so they have to wait.
void Reaper::catch_up(const std::set<std::string>& units) {
    state_.output.catch_up([&](const std::string& unit) { return units.contains(unit); });
}

/// Notifies units whose last process has ended. The orphans of a unit become our children, so the
/// kernel reports the end of the last process to us.
void Reaper::report_last_ends(const std::set<std::string>& units) {
    if (!units.empty())
        catch_up(units);
    for (const std::string& key : units)
        state_.tell(key, [&](manager::Unit& unit) {
            if (!state_.processes.is_any_left(key))
                unit.processes_gone();
        });
}

/// Reaps only some processes in one turn of the loop, because reaping ten thousand processes takes
/// a second.
bool Reaper::reap_children() {
    constexpr int most = 64;
    std::set<std::string> units;
    int count = 0;
    for (; count < most; ++count) {
        const auto ended = next_ended();
        if (!ended)
            break;
        units.merge(report_end(*ended));
    }
    report_last_ends(units);
    if (count > 0 && state_.on_events)
        state_.on_events();
    return count == most;
}

}  // namespace notifybridge::perform
