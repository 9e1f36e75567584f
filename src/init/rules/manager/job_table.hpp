#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "init/rules/manager/deadlines.hpp"
#include "init/rules/manager/job.hpp"

namespace notifybridge::manager {

/// The order of two jobs if no dependency orders them. As in systemd, targets come before sockets,
/// and sockets come before services. If the types are equal, the lower Nice= comes first. If these
/// are equal, too, the name decides.
struct Turn {
    int type;
    int nice;
    std::string unit;
    std::uint64_t job;

    auto operator<=>(const Turn&) const = default;
};

/// The installed jobs. The functions of job_queue.hpp add, run and end them.
struct JobTable {
    std::uint64_t last_id = 0;
    std::map<std::uint64_t, std::unique_ptr<Job>> by_id;
    std::priority_queue<Turn, std::vector<Turn>, std::greater<>> run_queue;
    std::vector<std::uint64_t> changed;  ///< Jobs whose change may have created a cycle.
    Deadlines deadlines;                 ///< The deadlines of jobs, by their ids.

    Job* find(std::uint64_t id) const;
    std::vector<const Job*> list() const;
    std::vector<std::uint64_t> ids() const;
};

}  // namespace notifybridge::manager
