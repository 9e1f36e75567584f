#include "init/rules/manager/environment.hpp"

#include <algorithm>

namespace notifybridge::manager {

void ManagerEnvironment::set(const std::vector<std::string>& assignments) {
    unit::Environment changed = all_;
    for (const std::string& assignment : assignments)
        unit::set_variable(changed, assignment);
    order(std::move(changed));
}

void ManagerEnvironment::unset(const std::vector<std::string>& names) {
    unit::Environment changed = all_;
    for (const std::string& name : names)
        unit::unset_variable(changed, name);
    order(std::move(changed));
}

void ManagerEnvironment::order(unit::Environment changed) {
    std::ranges::sort(changed);
    all_ = own_;
    for (std::string& assignment : changed)
        unit::set_variable(all_, std::move(assignment));
}

}  // namespace notifybridge::manager
