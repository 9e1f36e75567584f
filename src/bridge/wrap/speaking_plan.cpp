#include "bridge/wrap/speaking_plan.hpp"

#include <signal.h>
#include <algorithm>

#include "base/util/concat.hpp"
#include "base/util/tags.hpp"
#include "base/util/time_span.hpp"

namespace notifybridge::wrap {
namespace {

using Action = SpeakingPlan::Action;
using Kind = Action::Kind;
using util::concat;
using util::Severity;

/// More time is requested at most once in this interval, even if changes are more frequent.
constexpr std::chrono::milliseconds extension_interval(100);
/// If a command is not ready in time, it has this long to end. The service manager's own timeout
/// expires after that, so that `wrap` can still report the reason.
constexpr std::chrono::seconds time_to_end(15);

Action log(Severity severity, std::string text) {
    return {Kind::log, {std::move(text)}, severity};
}

Action say(std::string assignment) {
    return {Kind::say, {std::move(assignment)}};
}

Action say_extension(std::chrono::microseconds span) {
    return say(concat("EXTEND_TIMEOUT_USEC=", span.count()));
}

Action say_status(std::string_view status) {
    return say(concat("STATUS=", status));
}

}  // namespace

SpeakingPlan::Actions SpeakingPlan::heard(const notify::Message& message) {
    Actions actions;
    if (const auto text = message.value(notify::Key::status))
        own_status_ = *text;
    const bool says_ready = message.has("READY=1");
    if (own_ready_counts_ && says_ready)
        actions = became_ready(/*is_said=*/true);
    // The command says READY=1 itself when this reload is over.
    if (message.has("RELOADING=1"))
        command_reports_ = true;
    if (says_ready || command_reports_)
        is_reloading_ = false;
    if (message.has("STOPPING=1"))
        actions.push_back({.kind = Kind::run_hook, .hook = HookState::stopping});
    return actions;
}

SpeakingPlan::Actions SpeakingPlan::own_ready_is_last() {
    own_ready_counts_ = true;
    return {{Kind::open_gate}};
}

SpeakingPlan::Actions SpeakingPlan::became_ready(bool is_said) {
    if (std::exchange(is_ready_, true))
        return {};
    command_reports_ = command_reports_ || is_said;
    Actions actions;
    if (options_.has_conditions) {
        actions = {log(Severity::info, "the command is ready"), {Kind::open_gate}};
        std::vector<std::string> assignments;
        if (!is_said)
            assignments.emplace_back("READY=1");
        if (options_.ready_status) {
            own_status_ = options_.ready_status;
            assignments.push_back(concat("STATUS=", *options_.ready_status));
        } else if (said_waiting_ && !own_status_) {
            assignments.emplace_back("STATUS=");
        }
        if (!assignments.empty())
            actions.push_back({Kind::say, std::move(assignments)});
    }
    actions.push_back({.kind = Kind::run_hook, .hook = HookState::ready});
    actions.push_back({Kind::watch_life});
    return actions;
}

/// Logs `text`, and also sends it as the status. Does not replace the command's own status or
/// "unhealthy: …", which are more useful.
SpeakingPlan::Actions SpeakingPlan::waiting(const std::string& text, bool has_room) {
    Actions actions{log(Severity::info, concat("still ", text))};
    if (!own_status_ && !unhealthy_ && has_room) {
        said_waiting_ = true;
        actions.push_back(say_status(text));
    }
    return actions;
}

SpeakingPlan::Actions SpeakingPlan::started() const {
    auto span = options_.extension.value_or(std::chrono::microseconds(0));
    if (options_.has_conditions && options_.timeout != util::infinity)
        span = std::max(span, util::sum(options_.timeout, time_to_end));
    span = std::max(span, options_.health_start);
    return span.count() > 0 ? Actions{say_extension(span)} : Actions();
}

SpeakingPlan::Actions SpeakingPlan::progressed(Time now) {
    if (!options_.extension || (extended_ && now - *extended_ < extension_interval))
        return {};
    extended_ = now;
    return {say_extension(*options_.extension)};
}

SpeakingPlan::Actions SpeakingPlan::timed_out(const std::string& waiting_for) {
    has_timed_out_ = true;
    const std::string text = concat("not ready within ", util::to_string(options_.timeout),
                                    " (--ready-timeout): ", waiting_for);
    return {log(Severity::error, concat(text, ' ', tags::ready_timeout)),
            say_status(text),
            {.kind = Kind::end_command, .signal = SIGTERM}};
}

SpeakingPlan::Actions SpeakingPlan::reload_asked(std::uint64_t monotonic_usec) {
    if (!options_.reports_reloads || !is_ready_ || command_reports_)
        return {};
    is_reloading_ = true;
    said_waiting_ = false;
    return {{Kind::say, {"RELOADING=1", concat("MONOTONIC_USEC=", monotonic_usec)}},
            {Kind::watch_reload}};
}

SpeakingPlan::Actions SpeakingPlan::reload_is_over() {
    if (!std::exchange(is_reloading_, false))
        return {};
    Actions actions{log(Severity::info, "the command has reloaded"), say("READY=1")};
    if (std::exchange(said_waiting_, false))
        actions.push_back(current_status());
    return actions;
}

SpeakingPlan::Actions SpeakingPlan::found_dead(const std::string& reason) {
    dead_ = reason;
    Actions actions{log(Severity::error, reason), say_status(reason)};
    const Actions then = died();
    actions.insert(actions.end(), then.begin(), then.end());
    return actions;
}

SpeakingPlan::Actions SpeakingPlan::died() const {
    Actions actions{{.kind = Kind::run_hook, .hook = HookState::dead}};
    if (options_.kills_dead)
        actions.push_back({.kind = Kind::end_command, .signal = SIGKILL});
    return actions;
}

SpeakingPlan::Actions SpeakingPlan::became_unhealthy(const std::string& output) {
    unhealthy_ = concat("unhealthy", output.empty() ? "" : ": ", output);
    return {log(Severity::error, concat(*unhealthy_, ' ', tags::unhealthy)),
            say_status(*unhealthy_)};
}

SpeakingPlan::Actions SpeakingPlan::became_healthy() {
    if (!std::exchange(unhealthy_, std::nullopt))
        return {};
    return {log(Severity::notice, "the command is healthy again"), current_status()};
}

SpeakingPlan::Actions SpeakingPlan::found_alive_again() {
    dead_.reset();
    return {log(Severity::notice, "the command is alive again"), current_status()};
}

/// Returns the status after a problem is over: another problem, or else the status from before we
/// reported a problem.
Action SpeakingPlan::current_status() const {
    return say_status(dead_.value_or(unhealthy_.value_or(own_status_.value_or(""))));
}

SpeakingPlan::Actions SpeakingPlan::ended(process::ExitStatus end, bool was_told_to,
                                          const std::string& waiting_for) {
    Actions actions;
    end_ = end;
    is_reloading_ = false;
    if (options_.has_conditions && !is_ready_) {
        if (has_timed_out_) {
            end_ = process::ExitStatus::exited(process::status_timed_out);
        } else if (was_told_to) {
            actions = {
                log(Severity::warning,
                    concat("a stop was requested before the command was ready: ", waiting_for,
                           "; allow more time if the command is only slow, or check whether ",
                           options_.condition, " is right ", tags::stopped_early))};
        } else if (!options_.is_by_default || !end.success()) {
            const std::string text =
                concat("ended before it was ready: ", process::describe(end), ", ", waiting_for);
            actions = {log(Severity::error, concat("the command ", text, ' ', tags::ended_early)),
                       say_status(text)};
            if (end.success())
                end_ = process::ExitStatus::exited(1);
        }
    }
    actions.push_back({.kind = Kind::run_hook, .hook = HookState::stopping});
    return actions;
}

}  // namespace notifybridge::wrap
