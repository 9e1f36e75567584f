#include "manager/target.hpp"

namespace notifybridge::manager {

Verdict Target::start() {
    return set(true);
}

Verdict Target::stop() {
    return set(false);
}

Verdict Target::set(bool is_active) {
    const ActiveState before = active_state();
    is_active_ = is_active;
    changed(before);
    return Verdict::begun;
}

}  // namespace notifybridge::manager
