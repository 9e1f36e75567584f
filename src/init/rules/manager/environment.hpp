#pragma once

#include <string>
#include <utility>
#include <vector>

#include "init/files/unit/environment.hpp"

namespace notifybridge::manager {

/// The environment of all services (systemctl(1), set-environment). The manager's own variables
/// come first, and then the variables that users have set. Each group is sorted.
class ManagerEnvironment {
public:
    ManagerEnvironment(unit::Environment own) : own_(std::move(own)), all_(own_) {}

    operator const unit::Environment&() const { return all_; }
    /// Returns the manager's own variables only.
    const unit::Environment& own() const { return own_; }
    void set(const std::vector<std::string>& assignments);
    /// Removes variables. A variable of the manager gets its initial value back.
    void unset(const std::vector<std::string>& names);

private:
    void order(unit::Environment changed);

    unit::Environment own_;
    unit::Environment all_;
};

}  // namespace notifybridge::manager
