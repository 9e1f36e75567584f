#include "bridge/wrap/wrap_plan.hpp"

#include <signal.h>

#include "base/process/received_end.hpp"
#include "base/util/concat.hpp"
#include "base/util/tags.hpp"
#include "base/util/time_span.hpp"

namespace notifybridge::wrap {
namespace {

using util::concat;
using util::Severity;
using Act = WrapPlan::Action::Kind;

}  // namespace

void WrapPlan::act(Act kind) {
    actions_.push_back({.kind = kind});
}

void WrapPlan::act(Act kind, int signal) {
    actions_.push_back({.kind = kind, .signal = signal});
}

void WrapPlan::log(Severity severity, std::string text) {
    actions_.push_back({.kind = Act::log, .texts = {std::move(text)}, .severity = severity});
}

WrapPlan::Actions WrapPlan::begin(bool awaits_descriptors) {
    if (awaits_descriptors)
        act(Act::await_descriptors);
    else
        start_command();
    return std::exchange(actions_, {});
}

WrapPlan::Actions WrapPlan::take(const Event& event, Time now) {
    std::visit([&](const auto& each) { on(each, now); }, event);
    return std::exchange(actions_, {});
}

void WrapPlan::start_command() {
    phase_ = Phase::running;
    act(Act::start_command);
}

void WrapPlan::on(const DescriptorsCame& /*event*/, Time /*now*/) {
    if (phase_ == Phase::held_back)
        start_command();
}

/// The command may have named another main process (MAINPID=) just before it ended.
void WrapPlan::on(const process::CommandEnding& /*event*/, Time /*now*/) {
    act(Act::take_messages);
}

void WrapPlan::on(const MessagesDue& /*event*/, Time /*now*/) {
    act(Act::take_messages);
}

void WrapPlan::on(const process::EndAsked& /*event*/, Time /*now*/) {
    act(Act::release_stopping);
}

void WrapPlan::on(const process::StopComes& /*event*/, Time /*now*/) {
    act(Act::settle_connections);
}

void WrapPlan::on(const process::SignalPassed& event, Time /*now*/) {
    act(Act::tell_probes, event.signal);
}

void WrapPlan::on(const process::WindowChanged& /*event*/, Time /*now*/) {
    act(Act::follow_size);
}

void WrapPlan::on(const RoomCame& /*event*/, Time /*now*/) {
    act(Act::accept_messages);
}

void WrapPlan::on(const HostChanged& /*event*/, Time /*now*/) {
    act(Act::update_watchdog);
}

void WrapPlan::on(const MainPidNamed& event, Time /*now*/) {
    actions_.push_back({.kind = Act::hand_over, .pid = event.named});
}

void WrapPlan::on(const CommandReady& /*event*/, Time /*now*/) {
    act(Act::serve);
}

void WrapPlan::on(const ConnectionsChanged& /*event*/, Time /*now*/) {
    act(Act::count_connections);
}

/// Handles a signal that this process received while the command is PID 1. When PID 1 ends, the
/// kernel also ends this process, which therefore cannot see the exit status.
void WrapPlan::on(const process::SignalCame& event, Time now) {
    if (process::is_terminating(event.signal) && phase_ != Phase::ended)
        on(process::CommandEnded{process::ExitStatus::exited(0)}, now);
}

void WrapPlan::on(const process::SignalUnclaimed& event, Time now) {
    if (phase_ == Phase::held_back)
        on(process::CommandEnded{process::ExitStatus::killed(event.signal)}, now);
    // Readers of the output may delay our end, until a signal asks us to end.
    else if (phase_ == Phase::ended)
        act(Act::hurry_output);
}

/// Handles a signal from the host as if this process had received it. A SIGKILL of `wait` means
/// that no time is left.
void WrapPlan::on(const HostSignalled& event, Time now) {
    log(Severity::info,
        concat("the host has sent ", process::signal_name(event.signal), " for the command"));
    if (event.signal == SIGKILL) {
        kill_command(now);
        return;
    }
    // Do not limit the time of orphans: `wait` sends SIGKILL when --stop-timeout is over.
    if ((event.signal == SIGTERM || event.signal == SIGINT) && !options_.limits_orphans)
        act(Act::spare_orphans);
    act(Act::take_signal, event.signal);
}

/// Kills the command, because `wait` has no time left and will kill this process next.
void WrapPlan::kill_command(Time now) {
    asked_to_end_ = true;
    act(Act::release_stopping);
    act(Act::hurry_orphans);
    act(Act::hurry_connections);
    act(Act::take_signal, SIGKILL);
    limit_command(options_.kill_after, now);
}

void WrapPlan::on(const EndWanted& event, Time now) {
    act(Act::kill, event.signal);
    limit_command(options_.kill_after, now);
}

void WrapPlan::on(const IdleTimedOut& /*event*/, Time now) {
    const std::string reason = concat("no connection for ", util::to_string(options_.idle_timeout));
    log(Severity::info, concat(reason, " (--idle-timeout): ending the command"));
    is_idle_ = asked_to_end_ = true;
    actions_.push_back({.kind = Act::say, .texts = {"STOPPING=1", concat("STATUS=", reason)}});
    act(Act::release_stopping);
    act(Act::kill, SIGTERM);
    limit_command(options_.stop_timeout, now);
}

/// Asks `wait` and the service manager for --stop-timeout twice: first for the connections of
/// --proxy, and then for the command. After that, they need time to end the container.
void WrapPlan::on(const StopDelayed& /*event*/, Time /*now*/) {
    constexpr std::chrono::seconds end_of_container(5);
    const auto patience = options_.stop_timeout;
    if (patience == util::infinity)
        return;
    const auto span = util::sum(util::sum(patience, patience), end_of_container);
    actions_.push_back({.kind = Act::say, .texts = {concat("EXTEND_TIMEOUT_USEC=", span.count())}});
}

/// Kills the command if it still runs after `patience`.
void WrapPlan::limit_command(std::chrono::microseconds patience, Time now) {
    act(Act::hurry_output);
    kill_ = util::sum(now, patience);
}

void WrapPlan::on(const TimePassed& /*event*/, Time /*now*/) {
    kill_.reset();
    act(Act::kill, SIGKILL);
}

void WrapPlan::on(const process::CommandEnded& event, Time now) {
    phase_ = Phase::ended;
    end_ = event.end;
    // Our exit status does not clearly say that a signal killed the command, so the log has to.
    log(signals_.is_crash(end_) ? Severity::warning : Severity::info,
        concat("the command ", process::describe(end_), ' ', tags::command_ended));
    warn_of_passed_signal(end_, now);
    act(Act::end_messages);
}

/// Warns if the command died of a signal that was passed on and that does not ask for the end. The
/// sender probably expected the command to handle this signal.
void WrapPlan::warn_of_passed_signal(process::ExitStatus end, Time now) {
    const int signal = process::received_end(end, signals_.received());
    // SIGABRT is that of a watchdog, which `wait` explains.
    if (signal != 0 && signal != SIGABRT && !process::asks_for_end(signal)
        && !was_told_to_quit(now))
        log(Severity::warning,
            concat("the command died of ", process::signal_name(signal),
                   ", which was passed on to it: it does not handle this signal; if ExecReload= "
                   "sends it, remove ExecReload="));
}

/// Also warns if the command was asked to end before it had sent READY=1, and a reader waits for
/// READY=1.
void WrapPlan::on(const MessagesEnded& event, Time now) {
    if (was_told_to_quit(now)) {
        act(Act::hurry_output);
        if (event.has_reader && !options_.has_conditions && event.phase == notify::Phase::starting)
            log(Severity::warning,
                concat("a stop was requested before the command sent READY=1; if the command "
                       "never sends it, set --ready-when, such as "
                       "--ready-when=listen:PORT",
                       options_.others_may_send
                           ? ""
                           : "; if it runs as another user, set --socket-mode=0666"));
    }
    act(Act::close_connections);
    actions_.push_back({.kind = Act::end_probes, .status = end_});
}

void WrapPlan::on(const ProbesEnded& event, Time /*now*/) {
    end_ = is_idle_ ? process::ExitStatus::exited(0) : signals_.as_requested(event.end);
    actions_.push_back({.kind = Act::finish, .status = end_});
}

}  // namespace notifybridge::wrap
