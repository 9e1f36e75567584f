#include "init/unit_types/target.hpp"

namespace notifybridge::unit_types {

manager::Verdict Target::start() {
    return set(true);
}

manager::Verdict Target::stop() {
    return set(false);
}

manager::Verdict Target::set(bool is_active) {
    const manager::ActiveState before = active_state();
    is_active_ = is_active;
    changed(before);
    return manager::Verdict::begun;
}

}  // namespace notifybridge::unit_types
