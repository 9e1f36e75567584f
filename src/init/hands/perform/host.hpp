#pragma once

#include "init/hands/perform/host_descriptors.hpp"
#include "init/hands/perform/host_paths.hpp"
#include "init/hands/perform/host_processes.hpp"
#include "init/hands/perform/host_queries.hpp"
#include "init/hands/perform/host_sockets.hpp"
#include "init/hands/perform/host_state.hpp"
#include "init/hands/perform/host_surroundings.hpp"
#include "init/hands/perform/host_timers.hpp"
#include "init/hands/perform/pending_starts.hpp"
#include "init/hands/perform/reaper.hpp"
#include "init/hands/perform/system_log.hpp"

namespace notifybridge::perform {

/// The part of the manager that acts on this system. It performs the requested actions, and reports
/// events to units. It has one part for each interface, and connects these parts.
struct Host {
    /// Writes the output of units to `output`.
    Host(event::Loop& loop, system::Fd output, HostSettings settings);
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;

    HostState state;
    PendingStarts starts;
    Reaper reaper;
    HostProcesses processes;
    HostSockets sockets;
    HostDescriptors descriptors;
    HostTimers timers;
    HostPaths paths;
    HostSurroundings surroundings;
    HostQueries queries;
    SystemLog system_log;

    /// Releases all data and descriptors that belong to a unit.
    void forget(const manager::Unit& unit);
};

}  // namespace notifybridge::perform
