#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "init/manager/deadlines.hpp"
#include "init/manager/job.hpp"

namespace notifybridge::manager {

/// The order of jobs that no dependency orders, as in systemd: targets before sockets before
/// services, a lower Nice= first, and then by name.
struct Turn {
    int type;
    int nice;
    std::string unit;
    std::uint64_t job;

    auto operator<=>(const Turn&) const = default;
};

/// The installed jobs. The functions of job_queue.hpp are the rules over it.
struct JobTable {
    std::uint64_t last_id = 0;
    std::map<std::uint64_t, std::unique_ptr<Job>> by_id;
    std::priority_queue<Turn, std::vector<Turn>, std::greater<>> run_queue;
    std::vector<std::uint64_t> changed;  ///< Jobs that may be in a cycle now.
    Deadlines deadlines;                 ///< By the ids of jobs.

    Job* find(std::uint64_t id) const;
    std::vector<const Job*> list() const;
    std::vector<std::uint64_t> ids() const;
};

}  // namespace notifybridge::manager
