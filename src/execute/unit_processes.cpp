#include "execute/unit_processes.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "process/proc.hpp"

namespace notifybridge::execute {
namespace {

/// So many parents are asked for whose a process is.
constexpr int deepest = 100;

}  // namespace

UnitProcesses::UnitProcesses(std::optional<Cgroups> cgroups) : cgroups_(std::move(cgroups)) {}

system::UniqueFd UnitProcesses::group_of(const std::string& unit) const {
    return cgroups_ ? cgroups_->make(unit) : system::UniqueFd();
}

void UnitProcesses::add(const std::string& unit, pid_t pid, std::string_view invocation_id) {
    if (cgroups_)
        return;
    const auto process = find_process(pid);
    if (process)
        known_[pid] = {process->start_time, unit};
    sessions_[pid] = {process ? process->start_time : 0, unit};
    newest_started_ = pid;
    if (!invocation_id.empty())
        add_invocation(unit, pid, invocation_id);
}

void UnitProcesses::add_invocation(const std::string& unit, pid_t pid, std::string_view id) {
    Invocation& invocation = invocations_[unit];
    if (invocation.id != id)
        invocation = {std::string(id), {}};
    if (const auto user = user_of(pid))
        invocation.users.insert(*user);
}

void UnitProcesses::adopt(const std::string& unit, pid_t pid) {
    const auto process = find_process(pid);
    if (!process || !unit_of(pid).empty())
        return;
    keep(*process, unit);
    look_again();
}

/// What was nobody's may have descended from what is a unit's now.
void UnitProcesses::look_again() {
    std::erase_if(known_, [](const auto& known) { return known.second.unit.empty(); });
    newest_ = 0;
}

void UnitProcesses::remove(pid_t pid) {
    // Its session may outlive it; what it leaves behind is still known by that.
    known_.erase(pid);
}

void UnitProcesses::forget(const std::string& unit) {
    std::erase_if(known_, [&](const auto& known) { return known.second.unit == unit; });
    std::erase_if(sessions_, [&](const auto& session) { return session.second.unit == unit; });
    invocations_.erase(unit);
    if (cgroups_)
        cgroups_->remove(unit);
}

std::string UnitProcesses::unit_by_environment(pid_t pid) const {
    const std::string invocation = process::variable_of(pid, "INVOCATION_ID");
    if (invocation.empty())
        return {};
    const auto user = user_of(pid);
    for (const auto& [unit, known] : invocations_)
        if (known.id == invocation && user && (*user == 0 || known.users.contains(*user)))
            return unit;
    return {};
}

void UnitProcesses::look_around() {
    if (!cgroups_)
        look();
}

const UnitProcesses::Known* UnitProcesses::find_known(const ProcessEntry& process) const {
    const auto known = known_.find(process.pid);
    const bool is_it = known != known_.end() && known->second.start_time == process.start_time;
    return is_it ? &known->second : nullptr;
}

/// Empty where it is nobody's, or the one who made the session is no more, and has left its pid to
/// another who made this one.
std::string UnitProcesses::unit_of_session(const ProcessEntry& process) const {
    const auto session = sessions_.find(process.session);
    if (session == sessions_.end())
        return {};
    const auto leader =
        process.session == process.pid ? std::optional(process) : find_process(process.session);
    const std::uint64_t start_time = session->second.start_time;
    const bool is_it = !leader || start_time == 0 || leader->start_time == start_time;
    return is_it ? session->second.unit : std::string();
}

/// Finds out whose a process is, by its parents up to us, its session or its environment, and keeps
/// that: later its parent may be another.
std::string UnitProcesses::find_unit(const ProcessEntry& process, int depth) {
    if (const Known* const known = find_known(process))
        return known->unit;
    const bool is_child = process.parent == ::getpid();
    std::string unit;
    if (!is_child && process.parent > 1 && depth < deepest) {
        const auto parent = find_process(process.parent);
        // It is about to have another parent, perhaps us: there will be another look.
        if (!parent)
            return {};
        unit = find_unit(*parent, depth + 1);
    }
    if (unit.empty())
        unit = unit_of_session(process);
    if (unit.empty() && is_child && !process.is_zombie)
        unit = unit_by_environment(process.pid);
    keep(process, unit);
    return unit;
}

void UnitProcesses::keep(const ProcessEntry& process, const std::string& unit) {
    known_[process.pid] = {process.start_time, unit};
    if (!cgroups_ && !unit.empty() && process.session == process.pid)
        sessions_[process.pid] = known_[process.pid];
}

void UnitProcesses::look_at(pid_t pid) {
    const auto process = find_process(pid);
    if (process && pid != ::getpid())
        find_unit(*process, 0);
    // Its number is given before it is to be seen.
    if (!process || !find_known(*process))
        missing_.push_back(pid);
}

void UnitProcesses::look_at_all() {
    std::map<pid_t, Known> still_known;
    std::vector<pid_t> unknown;
    for (const pid_t pid : list_pids()) {
        // Another may have its pid by now.
        const auto process = known_.contains(pid) ? find_process(pid) : std::nullopt;
        if (process && find_known(*process))
            still_known.insert(known_.extract(pid));
        else
            unknown.push_back(pid);
    }
    known_ = std::move(still_known);
    for (const pid_t pid : unknown)
        look_at(pid);
}

/// Each process that is started makes one, and they are not told when it ends.
void UnitProcesses::drop_ended_sessions() {
    std::map<pid_t, Known> kept;
    for (const pid_t pid : list_pids())
        if (const auto process = find_process(pid))
            if (const auto session = sessions_.find(process->session); session != sessions_.end())
                kept.insert(*session);
    sessions_ = std::move(kept);
}

/// Looks who is new. A thousand units ask for this one after the other, and to read all of /proc
/// takes milliseconds: as pids are given in order, only those given since the last look are read,
/// where they are few.
void UnitProcesses::look() {
    constexpr pid_t few = 1000;
    constexpr std::size_t many = 100000;
    const std::vector<pid_t> again = std::exchange(missing_, {});
    const pid_t newest = newest_pid();
    // What tells of another namespace, as lxcfs may, does not know what we started.
    const bool is_told = newest_ > 0 && newest >= newest_ && newest >= newest_started_;
    if (is_told && newest - newest_ <= few && known_.size() < many) {
        for (const pid_t pid : again)
            look_at(pid);
        missing_.clear();
        for (pid_t pid = newest_ + 1; pid <= newest; ++pid)
            look_at(pid);
    } else {
        look_at_all();
    }
    newest_ = newest;
    newest_started_ = 0;
    if (sessions_.size() > 2 * known_.size() + few)
        drop_ended_sessions();
}

std::vector<pid_t> UnitProcesses::processes(const std::string& unit) {
    std::vector<pid_t> found;
    if (cgroups_) {
        found = cgroups_->processes(unit);
    } else {
        look();
        for (const auto& [pid, known] : known_)
            if (known.unit == unit)
                found.push_back(pid);
    }
    std::erase_if(found, [&](pid_t pid) {
        const auto process = find_process(pid);
        return !process || process->is_zombie || (!cgroups_ && !find_known(*process));
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

std::string UnitProcesses::unit_of(pid_t pid) {
    if (cgroups_) {
        auto unit = cgroups_->unit_of(pid);
        // The group of a zombie may be gone.
        if (!unit.empty())
            return unit;
    }
    const auto process = find_process(pid);
    if (!process || pid == ::getpid())
        return {};
    if (cgroups_) {
        const Known* const known = find_known(*process);
        return known ? known->unit : std::string();
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
    ended.status = info.si_code == CLD_EXITED ? process::ExitStatus::exited(info.si_status)
                                              : process::ExitStatus::killed(info.si_status);
    ended.dumped_core = info.si_code == CLD_DUMPED;
    return ended;
}

void reap(pid_t pid) {
    ::waitpid(pid, nullptr, WNOHANG);
}

}  // namespace notifybridge::execute
