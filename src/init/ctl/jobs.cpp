#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <cstdint>
#include <map>

#include "base/system/streams.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/literal.hpp"
#include "base/util/number.hpp"
#include "init/answers/control/client.hpp"
#include "init/ctl/names.hpp"
#include "init/ctl/verbs.hpp"

/// Implements the verbs that enqueue jobs.
namespace notifybridge::ctl {
namespace {

using util::concat;

/// Returns the job type for a verb (systemctl(1), UNIT COMMANDS).
std::string_view job_type(std::string_view verb) {
    static const std::map<std::string_view, std::string_view> others = {
        {"condrestart", "try-restart"},
        {"condreload", "try-reload-or-restart"},
        {"condstop", "stop"},
        {"force-reload", "try-reload-or-restart"},
        {"reload-or-try-restart", "try-reload-or-restart"},
        {"isolate", "start"},
    };
    const auto found = others.find(verb);
    return found == others.end() ? verb : found->second;
}

/// Returns systemctl's exit status for an error of the manager.
int status_of(std::string_view error) {
    if (error == "NoSuchUnit")
        return status_not_installed;
    if (error == "JobTypeNotApplicable" || error == "NotSupported")
        return status_not_implemented;
    if (error == "AccessDenied" || error == "OnlyByDependency" || error == "NoIsolation"
        || error == "TransactionIsDestructive")
        return status_no_permission;
    return status_failure;
}

bool says_all(std::string_view error) {
    return error == "NoSuchUnit" || error == "UnitMasked" || error == "JobTypeNotApplicable";
}

/// Returns the cause of a failed job of a service. `result` is the Result= of the service.
std::string_view cause_of(std::string_view result) {
    static const std::map<std::string_view, std::string_view> causes = {
        {"resources", "of unavailable resources or another system error"},
        {"protocol", "the service did not take the steps required by its unit configuration"},
        {"timeout", "a timeout was exceeded"},
        {"exit-code", "the control process exited with error code"},
        {"signal", "a fatal signal was delivered to the control process"},
        {"core-dump", "a fatal signal was delivered causing the control process to dump core"},
        {"watchdog", "the service failed to send watchdog ping"},
        {"start-limit-hit", "start of the service was attempted too often"},
    };
    const auto found = causes.find(result);
    return found == causes.end() ? std::string_view() : found->second;
}

void name_status_of(const std::string& unit) {
    system::err() << "See \"systemctl status " << unit << "\" for details.\n";
}

void complain_of_failure(const std::string& unit, std::string_view result) {
    if (!unit.ends_with(".service")) {
        system::err() << "Job failed. ";
        return name_status_of(unit);
    }
    const std::string_view cause = cause_of(result);
    system::err() << "Job for " << unit << " failed";
    if (!cause.empty())
        system::err() << " because " << cause;
    system::err() << ".\n";
    name_status_of(unit);
    if (result == "start-limit-hit")
        system::err() << "To force a start use \"systemctl reset-failed " << unit
                      << "\"\nfollowed by \"systemctl start " << unit << "\" again.\n";
}

void complain_of_job(const std::string& unit, std::string_view outcome, std::string_view result) {
    if (outcome == "failed")
        complain_of_failure(unit, result);
    else if (outcome == "timeout")
        system::err() << "Job for " << unit << " timed out.\n";
    else if (outcome == "canceled")
        system::err() << "Job for " << unit << " canceled.\n";
    else if (outcome == "dependency") {
        system::err() << "A dependency job for " << unit << " failed. ";
        name_status_of(unit);
    } else if (outcome == "invalid")
        system::err() << unit << " is not active, cannot reload.\n";
    else if (outcome == "assert")
        system::err() << "Assertion failed on job for " << unit << ".\n";
    else if (outcome == "unsupported")
        system::err() << "Operation on or unit type of " << unit
                      << " not supported on this system.\n";
    else if (outcome == "collected")
        system::err() << "Queued job for " << unit << " was garbage collected.\n";
    else if (outcome == "once")
        system::err() << "Unit " << unit
                      << " was started already once and can't be started again.\n";
}

class JobWatch {
public:
    explicit JobWatch(const Context& context) : context_(context) {}

    void take(const json::object& answer) {
        const std::string unit = text(answer, "unit");
        if (answer.contains("refused"))
            refused(unit, text(answer, "refused"), text(answer, "text"));
        else if (answer.contains("job"))
            enqueued(unit, answer);
        else if (answer.contains("triggered_by"))
            triggered(unit, text(answer, "triggered_by"));
        else if (answer.contains("files"))
            warn_of_changed_files(unit);
        else if (answer.contains("outcome"))
            ended(unit, text(answer, "outcome"), text(answer, "result"));
        else if (text(answer, "ended") == "failed")
            status_ = status_failure;
    }

    int status() const { return status_; }

    /// Warns of active units that can start the stopped units again. Must be called when all jobs
    /// have ended, because other jobs of the call may stop these active units.
    void warn_of_triggers() const {
        if (context_.options.is_quiet || has_failed_job_)
            return;
        for (const auto& [unit, triggers] : triggered_) {
            std::string active;
            for (const std::string& trigger : triggers)
                if (is_up(state_of(context_, trigger).active))
                    active += concat("  ", trigger, '\n');
            if (!active.empty())
                system::err() << "Warning: Stopping " << unit
                              << ", but it can still be activated by:\n"
                              << active;
        }
    }

private:
    void refused(const std::string& unit, std::string_view error, std::string_view why) {
        const auto type = job_type(context_.verb);
        // A masked unit is not an error for try-restart and similar verbs, because package updates
        // use these verbs without a check for masks.
        if (error == "UnitMasked" && type.starts_with("try-"))
            return;
        if (status_ == 0)
            status_ = status_of(error);
        system::err() << "Failed to "
                      << (type == "try-reload-or-restart" ? "reload-or-try-restart" : type) << ' '
                      << unit << ": " << why << '\n';
        if (!says_all(error))
            system::err() << "See system logs and 'systemctl status " << unit << "' for details.\n";
    }

    static void enqueued(const std::string& unit, const json::object& job) {
        system::err() << "Enqueued " << text(job, "role") << " job " << text(job, "job") << ' '
                      << unit << '/' << text(job, "type") << ".\n";
    }

    void triggered(const std::string& unit, std::string trigger) {
        if (triggered_.empty() || triggered_.back().first != unit)
            triggered_.emplace_back(unit, std::vector<std::string>());
        triggered_.back().second.push_back(std::move(trigger));
    }

    void ended(const std::string& unit, std::string_view outcome, std::string_view result) {
        if (outcome == "done" || outcome == "skipped")
            return;
        status_ = status_failure;
        has_failed_job_ = true;
        if (!context_.options.is_quiet)
            complain_of_job(unit, outcome, result);
    }

    const Context& context_;
    /// The stopped units, each with the units that can start the stopped unit again.
    std::vector<std::pair<std::string, std::vector<std::string>>> triggered_;
    bool has_failed_job_ = false;
    int status_ = 0;
};

/// Warns that a start with a pattern may do nothing. A pattern only matches loaded units, and most
/// loaded units are running already.
void warn_of_patterns(const Context& context) {
    const auto& operands = context.operands;
    if (context.options.is_all || context.options.is_quiet
        || std::ranges::none_of(operands, is_pattern))
        return;
    system::err() << "warning: a pattern matches only loaded units, and most loaded units are "
                     "already running\n"
                     "This start may do nothing. With --all, the pattern also matches loaded units "
                     "that are inactive.\n";
}

/// Returns whether a start of the unit ends the manager (systemd.special(7)).
bool ends_manager(std::string_view unit) {
    constexpr auto targets = std::to_array<util::Literal>(
        {"exit.target", "halt.target", "poweroff.target", "reboot.target"});
    return util::contains(targets, unit);
}

}  // namespace

int run_job_verb(const Context& context) {
    const bool isolates = context.verb == "isolate";
    if (context.options.waits && !context.options.blocks)
        throw Failure("--wait may not be combined with --no-block.");
    if (context.options.waits && context.verb != "start" && context.verb != "restart")
        throw Failure("--wait may only be used with the 'start' or 'restart' commands.");
    json::array units;
    bool ends = false;
    for (const std::string& name : unit_names(context, isolates ? ".target" : ".service")) {
        ends = ends || (job_type(context.verb) == "start" && ends_manager(name));
        units.emplace_back(name);
    }
    if (job_type(context.verb) == "start")
        warn_of_patterns(context);
    JobWatch watch(context);
    try {
        context.call({{"call", "enqueue"},
                      {"type", job_type(context.verb)},
                      {"units", std::move(units)},
                      {"mode", isolates ? "isolate" : context.options.job_mode},
                      {"waits", context.options.blocks},
                      {"waits_for_end", context.options.waits},
                      {"tells_jobs", context.options.shows_transaction}},
                     [&](const json::object& answer) { watch.take(answer); });
    } catch (const control::Ended&) {
        if (!ends)
            throw;
        return 0;
    }
    watch.warn_of_triggers();
    return watch.status();
}

int start_unit(const Context& context, const std::string& unit,
               util::FunctionRef<void(const json::object& answer)> take) {
    JobWatch watch(context);
    context.call({{"call", "enqueue"},
                  {"type", "start"},
                  {"units", json::array{unit}},
                  {"mode", context.options.job_mode},
                  {"waits", context.options.blocks},
                  {"waits_for_end", context.options.waits}},
                 [&](const json::object& answer) {
                     watch.take(answer);
                     take(answer);
                 });
    return watch.status();
}

int cancel_jobs(const Context& context) {
    for (const std::string& id : context.operands)
        if (!util::parse_number<std::uint32_t>(id))
            throw Failure(concat("Failed to parse job id \"", id, "\": Invalid argument"));
    int status = 0;
    for (const std::string& id : context.operands)
        try {
            context.call({{"call", "cancel"}, {"job", id}});
        } catch (const Failure& failure) {
            system::err() << "Failed to cancel job " << id << ": " << failure.what() << '\n';
            status = status_failure;
        }
    if (context.operands.empty())
        context.call({{"call", "cancel"}, {"job", ""}});
    return status;
}

int kill_units(const Context& context) {
    int status = 0;
    for (const std::string& unit : unit_names(context))
        try {
            context.call({{"call", "kill"},
                          {"unit", unit},
                          {"whom", context.options.kill_whom},
                          {"signal", context.options.signal}});
        } catch (const Failure& failure) {
            system::err() << "Failed to kill unit " << unit << ": " << failure.what() << '\n';
            status = status_failure;
        }
    return status;
}

int reset_failed(const Context& context) {
    if (context.operands.empty())
        context.call({{"call", "reset-failed"}});
    int status = 0;
    for (const std::string& unit : unit_names(context))
        try {
            context.call({{"call", "reset-failed"}, {"unit", unit}});
        } catch (const Failure& failure) {
            system::err() << "Failed to reset failed state of unit " << unit << ": "
                          << failure.what() << '\n';
            status = status_failure;
        }
    return status;
}

}  // namespace notifybridge::ctl
