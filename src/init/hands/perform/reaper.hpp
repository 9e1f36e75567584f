#pragma once

#include <sys/types.h>

#include <map>
#include <set>
#include <string>

#include "init/hands/perform/host_state.hpp"
#include "init/hands/perform/pending_starts.hpp"
#include "init/hands/perform/unit_processes.hpp"

namespace notifybridge::perform {

/// An object that reports the ends of processes to their units. These processes are our children,
/// and processes that units declared as their main processes.
class Reaper {
public:
    Reaper(HostState& state, PendingStarts& starts) : state_(state), starts_(starts) {}

    /// Records a process that was started for the unit.
    void add(const std::string& unit, pid_t pid);
    /// Requests that the end of `pid` is also reported to this unit. Returns false if the process
    /// does not exist, is this manager or cannot be watched.
    bool watch(const std::string& unit, pid_t pid);
    /// Returns the unit of a process. Returns an empty text if the process belongs to no unit.
    std::string unit_of(pid_t pid);
    /// Returns the watched processes that are not our children.
    const Others& others() const { return others_; }

    /// Reports ended processes to their units, and reaps them. Must be called on SIGCHLD. Returns
    /// true if more processes may have ended. In this case, the caller must call the function again
    /// in a later turn of the loop.
    bool reap_children();

private:
    bool watch_other(pid_t pid);
    void catch_up(const std::set<std::string>& units);
    std::set<std::string> report_end(const EndedProcess& ended);
    void report_last_ends(const std::set<std::string>& units);

    HostState& state_;
    PendingStarts& starts_;
    std::map<pid_t, std::string> children_;  ///< Children that we started and have not reaped.
    Others others_;
    /// The units of each watched main process, by its pid.
    std::map<pid_t, std::set<std::string>> watchers_;
};

}  // namespace notifybridge::perform
