#include "init/hands/perform/unit_processes.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/process/proc.hpp"

namespace notifybridge::perform {
namespace {

/// The maximum number of ancestors that are checked to find the unit of a process.
constexpr int deepest = 100;

/// After the kernel has assigned a pid, the process appears in /proc within this time, even on an
/// overloaded machine.
constexpr auto longest_fork = std::chrono::seconds(10);

}  // namespace

UnitProcesses::UnitProcesses(std::optional<execute::Cgroups> cgroups)
    : cgroups_(std::move(cgroups)),
      marks_(cgroups_ ? std::nullopt : execute::Marks::below_our_own()) {}

system::UniqueFd UnitProcesses::group_of(const std::string& unit) const {
    return cgroups_ ? cgroups_->make(unit) : system::UniqueFd();
}

std::optional<execute::Mark> UnitProcesses::mark_of(const std::string& unit) {
    return marks_.mark_of(unit);
}

void UnitProcesses::add(const std::string& unit, pid_t pid, std::string_view invocation_id) {
    if (cgroups_)
        return;
    const auto process = find_process(pid);
    if (process)
        known_.add(pid, process->start_time, unit);
    sessions_.add(pid, process ? process->start_time : 0, unit);
    newest_started_ = pid;
    if (const auto user = user_of(pid); user && !invocation_id.empty())
        invocations_.add(unit, invocation_id, *user);
}

void UnitProcesses::executed(const std::string& unit, pid_t pid) {
    if (const auto user = user_of(pid); user && !cgroups_)
        invocations_.add_user(unit, *user);
}

void UnitProcesses::adopt(const std::string& unit, pid_t pid) {
    const auto process = find_process(pid);
    if (!process || !unit_of(pid).empty())
        return;
    keep(*process, unit);
    look_again();
}

/// Forgets the processes that belong to no unit, so that the next search checks them again. One of
/// their ancestors may belong to a unit now.
void UnitProcesses::look_again() {
    known_.remove_all_of("");
    newest_ = 0;
}

void UnitProcesses::remove(pid_t pid) {
    // Keep the session. A session may outlive the process that began it, and still identifies the
    // remaining processes.
    known_.remove(pid);
}

void UnitProcesses::forget(const std::string& unit) {
    known_.remove_all_of(unit);
    sessions_.remove_all_of(unit);
    marks_.forget(unit);
    invocations_.forget(unit);
    if (cgroups_)
        cgroups_->remove(unit);
}

std::string UnitProcesses::unit_by_environment(pid_t pid) const {
    const std::string invocation = process::variable_of(pid, "INVOCATION_ID");
    if (invocation.empty())
        return {};
    const auto user = user_of(pid);
    return user ? invocations_.unit_of(invocation, *user) : std::string();
}

/// Returns the unit that owns the session of `process`. Returns an empty text if no unit owns the
/// session, or if another process has reused the pid of the session's leader.
std::string UnitProcesses::unit_of_session(const ProcessEntry& process) const {
    if (!sessions_.owner_of(process.session, std::nullopt))
        return {};
    const auto leader =
        process.session == process.pid ? std::optional(process) : find_process(process.session);
    const std::string* const unit = sessions_.owner_of(
        process.session, leader ? std::optional(leader->start_time) : std::nullopt);
    return unit ? *unit : std::string();
}

/// Finds the unit of a process by its ancestors, its session, its mark or its environment. Records
/// the unit, because the process may get another parent.
std::string UnitProcesses::find_unit(const ProcessEntry& process, int depth) {
    if (const std::string* const known = known_unit_of(process))
        return *known;
    const bool is_child = process.parent == ::getpid();
    std::string unit;
    if (!is_child && process.parent > 1 && depth < deepest) {
        const auto parent = find_process(process.parent);
        // The parent has ended, so the process will soon get another parent. This manager may
        // become the parent. A later search will find the unit.
        if (!parent)
            return {};
        unit = find_unit(*parent, depth + 1);
    }
    if (unit.empty())
        unit = unit_of_session(process);
    if (unit.empty() && is_child)
        unit = marks_.unit_of(process.pid);
    if (unit.empty() && is_child && !process.is_zombie)
        unit = unit_by_environment(process.pid);
    keep(process, unit);
    return unit;
}

void UnitProcesses::keep(const ProcessEntry& process, const std::string& unit) {
    known_.add(process.pid, process.start_time, unit);
    if (cgroups_ || unit.empty())
        return;
    found_for_.insert(unit);
    if (process.session == process.pid)
        sessions_.add(process.pid, process.start_time, unit);
}

void UnitProcesses::look_at(pid_t pid) {
    const auto process = find_process(pid);
    if (process && pid != ::getpid())
        find_unit(*process, 0);
    // The kernel assigns a pid before /proc shows the process, so look for this pid again in the
    // next search.
    if (!process || !known_unit_of(*process))
        missing_.push_back(pid);
}

void UnitProcesses::look_at_all() {
    std::vector<pid_t> pids = process::numbers_in("/proc");
    std::ranges::sort(pids);
    known_.remove_others(pids);
    for (const pid_t pid : pids)
        look_at(pid);
}

/// Removes sessions that have ended. Each process that we start creates a session, and the kernel
/// does not report the end of a session.
void UnitProcesses::drop_ended_sessions() {
    std::vector<pid_t> kept;
    for (const pid_t pid : process::numbers_in("/proc"))
        if (const auto process = find_process(pid))
            kept.push_back(process->session);
    std::ranges::sort(kept);
    sessions_.remove_others(kept);
}

/// Searches for new processes. Reading all of /proc takes milliseconds, so this function usually
/// reads only the pids that were assigned since the last search. If these outnumber the known
/// processes, it reads all of /proc.
void UnitProcesses::look() {
    constexpr std::size_t few = 1000;
    found_for_.clear();
    const std::vector<pid_t> again = std::exchange(missing_, {});
    const pid_t newest = newest_pid();
    // If /proc shows another pid namespace (lxcfs), its newest pid does not concern our processes.
    const bool shows_our_pids = newest_ > 0 && newest >= newest_ && newest >= newest_started_;
    if (shows_our_pids
        && static_cast<std::size_t>(newest - newest_) <= std::max(few, known_.size())) {
        for (const pid_t pid : again)
            look_at(pid);
        missing_.clear();
        for (pid_t pid = newest_ + 1; pid <= newest; ++pid)
            look_at(pid);
    } else {
        look_at_all();
        missed_ = std::chrono::steady_clock::now();
    }
    if (!missing_.empty())
        missed_ = std::chrono::steady_clock::now();
    newest_ = newest;
    newest_started_ = 0;
    if (sessions_.size() > 2 * known_.size() + few)
        drop_ended_sessions();
}

/// Finds processes that two searches missed, because the kernel may delay a fork after it has
/// assigned the pid. When all known processes of a unit have ended, the missed processes are our
/// children, or descendants of our children.
void UnitProcesses::look_at_children() {
    if (!missed_ || std::chrono::steady_clock::now() - *missed_ > longest_fork)
        return;
    const auto children = children_of_ours();
    if (!children)
        return look_at_all();
    for (const pid_t pid : *children)
        if (!known_.owner_of(pid, std::nullopt))
            look_at(pid);
}

/// Returns whether `is_it` returns true for a known process of the unit that /proc still shows,
/// even as a zombie. Removes the processes that /proc does not show, because their parents have
/// reaped them.
bool UnitProcesses::any_known(const std::string& unit, Test is_it) {
    std::vector<pid_t> gone;
    const bool found = known_.any_of(unit, [&](pid_t pid) {
        const auto process = find_process(pid);
        const bool is_there = process && known_unit_of(*process);
        if (!is_there)
            gone.push_back(pid);
        return is_there && is_it(*process);
    });
    for (const pid_t pid : gone)
        known_.remove(pid);
    return found;
}

/// Does the same as `any_known`, but searches for new processes first. A process may fork after a
/// search, and end before the check. Therefore, all processes have ended only if another search
/// finds no new process.
bool UnitProcesses::any_after_looks(const std::string& unit, Test is_it) {
    // Limit the loop, because a unit may fork faster than we search.
    constexpr int most_rounds = 100;
    look();
    for (int round = 0; round < most_rounds; ++round) {
        if (any_known(unit, is_it))
            return true;
        look();
        look_at_children();
        if (!found_for_.contains(unit))
            return false;
    }
    return true;
}

bool UnitProcesses::any_runs(const std::string& unit, util::FunctionRef<bool(pid_t)> is_it) {
    if (cgroups_)
        return std::ranges::any_of(processes(unit), is_it);
    return any_after_looks(unit, [&](const ProcessEntry& process) {
        return !process.is_zombie && is_it(process.pid);
    });
}

bool UnitProcesses::is_any_left(const std::string& unit) {
    if (cgroups_)
        return cgroups_->has_processes(unit);
    return any_after_looks(unit, [](const ProcessEntry& process) {
        return !process.is_zombie || process.parent == ::getpid();
    });
}

std::vector<pid_t> UnitProcesses::processes(const std::string& unit) {
    std::vector<pid_t> found;
    if (cgroups_) {
        found = cgroups_->processes(unit);
        std::erase_if(found, [](pid_t pid) {
            const auto process = find_process(pid);
            return !process || process->is_zombie;
        });
        return found;
    }
    look();
    any_known(unit, [&](const ProcessEntry& process) {
        if (!process.is_zombie)
            found.push_back(process.pid);
        return false;
    });
    return found;
}

std::vector<pid_t> UnitProcesses::children(const std::string& unit) {
    auto found = processes(unit);
    std::erase_if(found, [](pid_t pid) {
        const auto process = find_process(pid);
        return !process || process->parent != ::getpid();
    });
    return found;
}

pid_t UnitProcesses::stray_since(pid_t started) {
    const std::uint64_t begin = sessions_.start_time_of(started);
    pid_t stray = 0;
    if (cgroups_ || begin == 0)
        return stray;
    look();
    any_known("", [&](const ProcessEntry& process) {
        const bool is_stray =
            process.parent == ::getpid() && !process.is_zombie && process.start_time >= begin;
        if (is_stray)
            stray = process.pid;
        return is_stray;
    });
    return stray;
}

std::string UnitProcesses::unit_of(pid_t pid) {
    if (cgroups_) {
        auto unit = cgroups_->unit_of(pid);
        // Continue if no group has the process, because a zombie may have left its group.
        if (!unit.empty())
            return unit;
    }
    const auto process = find_process(pid);
    if (!process || pid == ::getpid())
        return {};
    if (cgroups_) {
        const std::string* const known = known_unit_of(*process);
        return known ? *known : std::string();
    }
    return find_unit(*process, 0);
}

bool UnitProcesses::kill_group(const std::string& unit) const {
    return cgroups_ && cgroups_->kill_all(unit);
}

std::optional<EndedProcess> next_ended() {
    siginfo_t info{};
    if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0)
        return std::nullopt;
    EndedProcess ended;
    ended.pid = info.si_pid;
    ended.status = process::ExitStatus::of(info);
    ended.dumped_core = info.si_code == CLD_DUMPED;
    return ended;
}

void reap(pid_t pid) {
    ::waitpid(pid, nullptr, WNOHANG);
}

}  // namespace notifybridge::perform
