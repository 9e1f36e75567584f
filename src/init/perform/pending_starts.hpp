#pragma once

#include <sys/types.h>

#include <map>
#include <string>

#include "init/execute/step.hpp"
#include "init/perform/host_state.hpp"
#include "init/unit_types/processes.hpp"

namespace notifybridge::perform {

/// Processes that prepare themselves, until each has executed its program or cannot. Tells their
/// units which.
class PendingStarts {
public:
    explicit PendingStarts(HostState& state) : state_(state) {}

    /// A process was started, and writes its execute::StartReport to `report`.
    void follow(pid_t pid, const unit_types::ProcessRequest& request, system::UniqueFd report);
    /// Tells the unit what the report says. Must also be called before the process's end is told.
    void read_report(pid_t pid);

    /// Logs why a program was not executed.
    void say_of_failure(const manager::Unit& unit, const std::string& program,
                        const execute::Failure& failure, bool is_ignored);

private:
    struct Pending {
        std::string unit;
        std::string program;
        system::UniqueFd report;
        std::string written;  ///< To it, so far.
    };

    HostState& state_;
    std::map<pid_t, Pending> pending_;
};

}  // namespace notifybridge::perform
