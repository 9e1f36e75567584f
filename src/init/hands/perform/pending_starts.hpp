#pragma once

#include <sys/types.h>

#include <map>
#include <string>

#include "init/hands/execute/step.hpp"
#include "init/hands/perform/host_state.hpp"
#include "init/rules/unit_types/processes.hpp"

namespace notifybridge::perform {

/// The started processes that have not executed their programs yet. The success or failure of each
/// process is reported to its unit.
class PendingStarts {
public:
    explicit PendingStarts(HostState& state) : state_(state) {}

    /// Follows a started process. The process writes its execute::StartReport to `report`.
    void follow(pid_t pid, const unit_types::ProcessRequest& request, system::UniqueFd report);
    /// Reads the report of a process, and passes the result to the unit. Must be called when the
    /// report is readable, and before the unit is told that the process has ended.
    void read_report(pid_t pid);

    /// Logs why a program was not executed.
    void log_start_failure(const manager::Unit& unit, const std::string& program,
                           const execute::Failure& failure, bool is_ignored);

private:
    struct Pending {
        std::string unit;
        std::string program;
        system::UniqueFd report;
        std::string written;  ///< The part of the report that we have read.
    };

    HostState& state_;
    std::map<pid_t, Pending> pending_;
};

}  // namespace notifybridge::perform
