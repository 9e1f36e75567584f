#pragma once

#include <sys/types.h>

#include <map>
#include <set>
#include <string>

#include "base/event/deadline.hpp"
#include "init/perform/host_state.hpp"
#include "init/perform/pending_starts.hpp"
#include "init/perform/unit_processes.hpp"

namespace notifybridge::perform {

/// Reports the ends of processes to their units: of our children, and of others that a unit took as
/// its main process.
class Reaper {
public:
    Reaper(event::Loop& loop, HostState& state, PendingStarts& starts);

    /// We started a process for the unit. If `forks`, it may fork a daemon and end (Type=forking).
    void add(const std::string& unit, pid_t pid, bool forks);
    /// Reports the end of this process to the unit, too. Returns false if the process does not
    /// exist or is ourselves.
    bool watch(const std::string& unit, pid_t pid);
    /// Returns the unit of a process; empty if it belongs to none.
    std::string unit_of(pid_t pid);
    /// The watched processes that are not our children.
    const Others& others() const { return others_; }

    /// Must be called on SIGCHLD: reports ended processes to their units, and reaps them. Returns
    /// whether there may be more, for a later turn of the loop.
    bool reap_children();

private:
    bool watch_other(pid_t pid);
    std::set<std::string> tell_of_end(const EndedProcess& ended);
    void tell_if_none_is_left(const std::set<std::string>& units);
    void look_after_forks();

    HostState& state_;
    PendingStarts& starts_;
    std::map<pid_t, std::string> children_;  ///< That we started for units, until reaped.
    std::set<pid_t> forking_;                ///< Started for services of Type=forking.
    Others others_;
    std::map<pid_t, std::set<std::string>> watchers_;  ///< Units that took it as their main one.
    event::Deadline next_look_;
};

}  // namespace notifybridge::perform
