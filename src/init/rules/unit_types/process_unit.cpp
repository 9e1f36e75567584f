#include "init/rules/unit_types/process_unit.hpp"

#include "base/util/concat.hpp"

namespace notifybridge::unit_types {

using util::concat;

namespace {

directive::CommandRun to_run(const ExecStatus& run) {
    if (run.pid == 0)
        return {};
    return {run.start.realtime, run.exit.realtime, run.pid, run.code(),
            run.has_ended ? run.number() : 0};
}

}  // namespace

void ProcessUnit::settings_replaced(const unit::Settings& before) {
    control_.list_replaced(commands_of(before, control_.kind()), list(control_.kind()));
}

void ProcessUnit::deadline_passed() {
    if (!alarm_.is_due(now().monotonic))
        return;
    alarm_.clear();
    timed_out();
}

directive::CommandRun ProcessUnit::last_run(const unit::Command& command) const {
    for (std::size_t at = 0; at < command_kind_count; ++at) {
        const auto kind = static_cast<CommandKind>(at);
        const unit::Commands& listed = list(kind);
        for (std::size_t index = 0; index < listed.size(); ++index)
            if (&listed[index] == &command)
                return to_run(exec_status(kind, index));
    }
    return {};
}

std::optional<std::size_t> ProcessUnit::next_control() const {
    const std::size_t next = control_.next();
    return next < list(control_.kind()).size() ? std::optional(next) : std::nullopt;
}

void ProcessUnit::note(Result result) {
    if (result_ == Result::success)
        result_ = result;
}

bool ProcessUnit::report_failure() const {
    const bool is_failure = result_ != Result::success && result_ != Result::exec_condition;
    if (is_failure)
        warn(concat("Failed with result '", to_string(result_), "'."));
    return is_failure;
}

void ProcessUnit::log_end(std::string_view what, const ExecStatus& run, Result result) const {
    const auto severity =
        result == Result::success ? util::Severity::debug : util::Severity::notice;
    say(severity, concat(what, run.end_text()));
}

void ProcessUnit::log_spared() const {
    const unit::KillSettings& kill = *settings().kill;
    const bool spares = kill.mode == unit::KillMode::process || kill.mode == unit::KillMode::none;
    if ((spares || !kill.send_sigkill) && surroundings().has_processes(*this))
        say(util::Severity::notice,
            concat("leaving processes of the unit running after the stop, because of ",
                   spares ? "KillMode=." : "SendSIGKILL=no."));
}

bool ProcessUnit::warn_of_leftovers() const {
    if (!surroundings().has_processes(*this))
        return false;
    warn("processes of an earlier run are still running; stop them if they disturb the new run.");
    return true;
}

bool ProcessUnit::signal_processes(KillOperation operation) {
    const auto own = own_processes().value_or(manager::OwnProcesses{});
    const auto request = plan_kill(settings().kill, operation, own.main, own.control);
    return request && processes_.kill(*this, *request);
}

}  // namespace notifybridge::unit_types
