#include "init/unit_types/restart.hpp"

#include <cmath>

#include "init/unit_types/clean_exit.hpp"

namespace notifybridge::unit_types {
namespace {

bool restarts_after(unit::Restart restart, Result result) {
    // If ExecCondition= did not hold, the service did not start, so there is nothing to restart.
    if (result == Result::exec_condition)
        return false;
    switch (restart) {
        case unit::Restart::no:
            return false;
        case unit::Restart::always:
            return true;
        case unit::Restart::on_success:
            return result == Result::success;
        case unit::Restart::on_failure:
            return result != Result::success;
        case unit::Restart::on_abnormal:
            return result != Result::success && result != Result::exit_code;
        case unit::Restart::on_watchdog:
            return result == Result::watchdog;
        case unit::Restart::on_abort:
            break;
    }
    return result == Result::signal || result == Result::core_dump;
}

}  // namespace

bool shall_restart(const unit::ServiceSettings& settings, Result result, const ExecStatus& main) {
    if (contains(settings.restart_prevent_exit_status, main))
        return false;
    return contains(settings.restart_force_exit_status, main)
           || restarts_after(settings.restart, result);
}

util::TimeSpan restart_delay(const unit::ServiceSettings& settings, unsigned number) {
    const util::TimeSpan first = settings.restart_delay;
    const util::TimeSpan last = settings.restart_max_delay;
    if (number <= 1 || settings.restart_steps == 0 || last == util::infinity
        || first == util::TimeSpan::zero() || first >= last)
        return first;
    if (number > settings.restart_steps)
        return last;
    const double factor =
        std::pow(static_cast<double>(last.count()) / static_cast<double>(first.count()),
                 static_cast<double>(number - 1) / settings.restart_steps);
    return util::TimeSpan(static_cast<std::int64_t>(static_cast<double>(first.count()) * factor));
}

}  // namespace notifybridge::unit_types
