#include "init/rules/unit_types/clean_exit.hpp"

#include <signal.h>

namespace notifybridge::unit_types {
namespace {

bool is_request_to_end(int signal) {
    return signal == SIGHUP || signal == SIGINT || signal == SIGTERM || signal == SIGPIPE;
}

}  // namespace

bool contains(const unit::ExitStatusSet& set, const ExecStatus& run) {
    if (!run.has_ended)
        return false;
    const auto number = static_cast<std::size_t>(run.number());
    return run.status.signal == 0 ? set.statuses.test(number) : set.signals.test(number);
}

bool is_clean_exit(const ExecStatus& run, ProcessKind kind, const unit::ExitStatusSet& success) {
    if (run.status.success())
        return true;
    // An end with a core dump is never clean, even if the set contains the signal.
    if (run.status.signal != 0 && run.dumped_core)
        return false;
    return contains(success, run)
           || (kind == ProcessKind::daemon && is_request_to_end(run.status.signal));
}

}  // namespace notifybridge::unit_types
