#include "init/daemon/progress.hpp"

namespace notifybridge::daemon {

Progress::Step Progress::advance(bool is_idle) {
    if (phase_ == Phase::booting && is_idle) {
        phase_ = Phase::running;
        return Step::report_ready;
    }
    if (phase_ == Phase::ending && (is_idle || forced_status_)) {
        phase_ = Phase::over;
        return Step::finish;
    }
    return Step::none;
}

bool Progress::begin_to_boot() {
    if (phase_ != Phase::preparing)
        return false;
    phase_ = Phase::booting;
    return true;
}

bool Progress::begin_end() {
    if (phase_ == Phase::ending || phase_ == Phase::over)
        return false;
    phase_ = Phase::ending;
    return true;
}

bool Progress::force_end(std::uint8_t status) {
    if (phase_ == Phase::over || forced_status_)
        return false;
    phase_ = Phase::ending;
    forced_status_ = status;
    return true;
}

}  // namespace notifybridge::daemon
