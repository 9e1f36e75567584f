#include "init/rules/manager/job_table.hpp"

namespace notifybridge::manager {

Job* JobTable::find(std::uint64_t id) const {
    const auto found = by_id.find(id);
    return found == by_id.end() ? nullptr : found->second.get();
}

std::vector<const Job*> JobTable::list() const {
    std::vector<const Job*> jobs;
    for (const auto& [id, job] : by_id)
        jobs.push_back(job.get());
    return jobs;
}

std::vector<std::uint64_t> JobTable::ids() const {
    std::vector<std::uint64_t> ids;
    for (const auto& [id, job] : by_id)
        ids.push_back(id);
    return ids;
}

}  // namespace notifybridge::manager
