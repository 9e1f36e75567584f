#include "init/rules/unit_types/kill_plan.hpp"

#include <signal.h>

namespace notifybridge::unit_types {
namespace {

int signal_for(const unit::KillSettings& settings, KillOperation operation) {
    switch (operation) {
        case KillOperation::terminate:
            return settings.kill_signal;
        case KillOperation::restart:
            return settings.restart_signal.value_or(settings.kill_signal);
        case KillOperation::abort:
            return settings.watchdog_signal;
        case KillOperation::kill:
            break;
    }
    return settings.final_signal;
}

}  // namespace

std::optional<KillRequest> plan_kill(const unit::KillSettings& settings, KillOperation operation,
                                     pid_t main, pid_t control) {
    if (settings.mode == unit::KillMode::none)
        return std::nullopt;
    KillRequest request;
    request.signal = signal_for(settings, operation);
    request.main = main;
    request.control = control;
    // If KillMode=mixed, processes other than main and control get only FinalKillSignal=.
    request.all_others =
        settings.mode == unit::KillMode::control_group
        || (settings.mode == unit::KillMode::mixed && operation == KillOperation::kill);
    request.others_signal = request.all_others ? request.signal : 0;
    request.also_hangup =
        settings.send_sighup && operation == KillOperation::terminate && request.signal != SIGHUP;
    return request;
}

}  // namespace notifybridge::unit_types
