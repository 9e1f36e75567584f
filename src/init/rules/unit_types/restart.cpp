#include "init/rules/unit_types/restart.hpp"

#include <cmath>

#include "init/rules/unit_types/clean_exit.hpp"

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

/// Returns `base` to the power of `exponent`, which is at least 0 and less than 1. Reads the binary
/// digits of `exponent`: the first stands for the square root, the next for its square root.
/// std::pow would do the same, but takes 11 KB in a static executable.
double power(double base, double exponent) {
    double result = 1;
    while (exponent > 0) {
        base = std::sqrt(base);
        exponent *= 2;
        if (exponent >= 1) {
            result *= base;
            exponent -= 1;
        }
    }
    return result;
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
        power(static_cast<double>(last.count()) / static_cast<double>(first.count()),
              static_cast<double>(number - 1) / settings.restart_steps);
    return util::TimeSpan(
        static_cast<std::int64_t>(static_cast<double>(first.count()) * factor + 0.5));
}

}  // namespace notifybridge::unit_types
