#include "init/files/unit/settings.hpp"

#include <set>
#include <vector>

namespace notifybridge::unit {

Names& DependencyNames::operator[](Dependency kind) {
    for (Written& written : all_)
        if (written.kind == kind)
            return written.names;
    return all_.emplace_back(Written{kind, {}}).names;
}

const Names& DependencyNames::operator[](Dependency kind) const {
    static const Names none;
    for (const Written& written : all_)
        if (written.kind == kind)
            return written.names;
    return none;
}

void DependencyNames::drop_repeated() {
    for (Written& written : all_) {
        std::set<std::string> seen;
        std::erase_if(written.names,
                      [&](const std::string& name) { return !seen.insert(name).second; });
    }
}

int io_priority(const ExecSettings& exec) noexcept {
    constexpr int class_shift = 13, best_effort = 2, usual_priority = 4;
    const int priority = exec.io_scheduling_priority.value_or(usual_priority);
    return exec.io_scheduling_class.value_or(best_effort) << class_shift | priority;
}

}  // namespace notifybridge::unit
