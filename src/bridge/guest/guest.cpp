#include "bridge/guest/guest.hpp"

#include <unistd.h>

#include <utility>
#include <variant>

#include "base/cli/log.hpp"
#include "base/cli/settings.hpp"
#include "base/process/command_report.hpp"
#include "base/process/proc.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/log.hpp"
#include "base/util/tags.hpp"
#include "base/util/time_span.hpp"
#include "bridge/guest/listener.hpp"
#include "bridge/wait/command_environment.hpp"
#include "bridge/wait/sandbox.hpp"

namespace notifybridge::guest {
namespace {

using util::concat;
using util::Severity;
using util::Topic;

wait::WaitPlan::Options plan_options(const wait::Settings& settings) {
    wait::WaitPlan::Options options;
    options.has_command = !settings.command.empty();
    options.until_ready = settings.until_ready;
    options.command_is_machine = true;
    options.timeout = settings.timeout;
    options.stop_timeout = settings.stop_timeout;
    return options;
}

/// Returns the current time. `writer_lives` is false, because a guest has no `wrap`.
wait::WaitPlan::Now now() {
    return {event::Deadline::now(), false};
}

}  // namespace

Guest::Guest(Settings settings)
    : settings_(std::move(settings)),
      supervisor_(loop_, /*adopt_orphans=*/false),
      uplink_(loop_, settings_.wait.manager),
      lane_(loop_, system::Fd()),
      forwarder_(settings_.wait.policy, uplink_, lane_, settings_.wait.reasons.get(),
                 util::NamedLog()),
      voice_(settings_.ready_on),
      port_(loop_, listen_on(settings_.address), settings_.port),
      queued_(loop_),
      performer_(supervisor_, uplink_, settings_.wait.stop_timeout),
      plan_(plan_options(settings_.wait)),
      timer_(loop_),
      farewell_(loop_) {
    supervisor_.report_signals(true);
    supervisor_.on_event = [this](const process::SupervisorEvent& event) {
        if (const auto* const ended = std::get_if<process::CommandEnded>(&event))
            command_ended(ended->end);
        else if (const auto* const came = std::get_if<process::SignalCame>(&event))
            take_signal(came->signal);
    };
    forwarder_.on_event = [this](const wait::Event& event) { sent(std::get<wait::Sent>(event)); };
    port_.on_message = [this](MessagePort::Arrival arrival) { arrived(std::move(arrival)); };
    port_.on_too_long = [this](std::string_view beginning) {
        has_dropped_ = true;
        forwarder_.drop(notify::DropReason::too_long, {}, beginning);
    };
    timer_.on_expired = [this] { perform(plan_.time_passed(now())); };
    farewell_.on_expired = [this] {
        perform(plan_.run_ended(process::ExitStatus::exited(0), now()));
    };
}

process::ExitStatus Guest::run() {
    util::log(Severity::info, Topic::messages, "listening on ",
              util::escape(to_string(settings_.address)), "; give the guest the credential ",
              "vmm.notify_socket=", address_for_guest(settings_.address));
    performer_.warn_of_manager();
    if (settings_.wait.until_ready && cli::is_terminal(system::Fd(STDERR_FILENO)))
        live_line_.emplace(loop_, [this] { return awaited(); });
    loop_.spawn([this] { return supervisor_.run(); });
    loop_.spawn([this] { return port_.run(); });
    loop_.spawn([this] { return forward_all(); });
    begin();
    process::run_beside_command(loop_, supervisor_);
    return result_;
}

void Guest::begin() {
    perform(plan_.begin(now().time));
    request_time();
    if (has_command())
        start_command();
    why_unreachable_ = why_unreachable(settings_.address);
    enter_sandbox();
}

/// Asks the service manager to wait for `timeout` plus `stop_timeout`, because the manager's own
/// timeout may be shorter.
void Guest::request_time() {
    const wait::Settings& wait = settings_.wait;
    if (wait.timeout == util::infinity || !uplink_.has_manager())
        return;
    loop_.spawn([this, span = util::sum(wait.timeout, wait.stop_timeout)]() -> event::Awaitable<> {
        const std::string text = concat("EXTEND_TIMEOUT_USEC=", span.count());
        // If the request is lost, the unit only has less time to start.
        [[maybe_unused]] const notify::Attempt sent = co_await uplink_.send(text);
    });
}

void Guest::start_command() {
    process::Command command;
    command.arguments = settings_.wait.command;
    command.environment = process::Environment::inherited();
    wait::remove_systemd_variables(command.environment);
    const std::string program = command.arguments.front();
    util::log(Severity::info, Topic::process, "starting the virtual machine: ", program);
    try {
        supervisor_.start(std::move(command));
        util::log(Severity::info, Topic::process, "the virtual machine was started with pid ",
                  supervisor_.pid());
    } catch (const std::system_error& error) {
        finish(process::report_spawn_failure(program, error.code(),
                                             "check the path of the command, and PATH"));
    }
}

/// Gives up rights after the command has started, because the command needs these rights. This is
/// early enough, because we have read nothing from a guest yet.
void Guest::enter_sandbox() {
    if (!settings_.wait.sandbox)
        return;
    cli::prepare_log();
    const wait::SandboxReport report =
        wait::narrow({.directories = {}, .accepts_connections = true});
    util::log(Severity::info, Topic::process,
              "gave up rights that are no longer needed: ", report.summary());
}

void Guest::arrived(MessagePort::Arrival arrival) {
    queue_.push_back(std::move(arrival));
    queued_.raise();
}

/// Forwards messages in order until the loop ends. Each connection is closed after its message was
/// sent.
event::Awaitable<> Guest::forward_all() {
    for (;;) {
        while (!queue_.empty()) {
            const MessagePort::Arrival arrival = std::move(queue_.front());
            queue_.pop_front();
            co_await forward(arrival.text);
        }
        if (std::exchange(is_over_, false))
            perform(plan_.caught_up(now()));
        co_await queued_.wait();
    }
}

event::Awaitable<> Guest::forward(const std::string& text) {
    if (!std::exchange(has_come_, true) && !has_command())
        perform(plan_.run_began({}, now()));
    std::string said = text;
    if (const auto message = notify::parse(text)) {
        said = voice_.speak(text, *message);
        if (said.empty())
            co_return;
    }
    channel::Record record;
    record.payload = said;
    // Send the record without a time. The clocks of the guest and the host differ, so a
    // MONOTONIC_USEC of the guest has no meaning here.
    co_await forwarder_.send(record);
    guest_may_have_ended();
}

void Guest::sent(const wait::Sent& message) {
    if (message.extend_timeout) {
        plan_.extend(*message.extend_timeout, now().time);
        perform(Plan::Actions());
    }
    if (message.ready)
        perform(plan_.said_ready());
    if (message.stopping) {
        perform(plan_.said_stopping());
        if (!has_command())
            farewell_.start(settings_.wait.stop_timeout);
    }
}

/// Ends the run if a message has shown that the guest has ended. If `wait` has a command, the end
/// of the command counts instead.
void Guest::guest_may_have_ended() {
    if (!has_command() && voice_.has_ended())
        perform(
            plan_.run_ended(process::ExitStatus::exited(voice_.exit_status().value_or(0)), now()));
}

void Guest::command_ended(process::ExitStatus status) {
    util::log(Severity::info, Topic::process, "the command ", process::describe(status), ' ',
              tags::command_ended);
    command_has_ended_ = true;
    perform(plan_.command_ended(status, now()));
    port_.catch_up();
    is_over_ = true;
    queued_.raise();
}

void Guest::take_signal(int signal) {
    // systemd sends SIGTERM when TimeoutStartSec= has passed, and for a stop during the start.
    if (plan_.breaks_off_start(signal))
        util::log(Severity::warning, Topic::process, process::signal_name(signal),
                  " arrived before READY=1; ", why_not_ready(), ' ', tags::before_ready);
    perform(plan_.signalled(signal, now()));
}

/// Returns what we wait for, as a text for a terminal.
std::string Guest::awaited() const {
    return has_come_ ? std::string("READY=1")
                     : concat("a message at ", util::escape(to_string(settings_.address)));
}

std::string Guest::why_not_ready() const {
    if (!has_come_) {
        if (!why_unreachable_.empty())
            return why_unreachable_;
        if (has_dropped_)
            return "the guest has only sent messages of more than 4096 bytes, which are dropped";
        return concat(
            "no message arrived from the guest; give the guest the credential vmm.notify_socket=",
            address_for_guest(settings_.address), ", which systemd 254 and later use");
    }
    const std::string& status = forwarder_.last_status();
    const std::string said =
        status.empty() ? std::string() : concat("; its last status was ", util::quote(status));
    if (settings_.ready_on)
        return concat("the guest did not report that ", *settings_.ready_on,
                      " is active (--ready-on); this needs systemd 256 or later in the guest",
                      said);
    return concat("the guest did not send READY=1", said);
}

void Guest::explain_late() const {
    util::log(Severity::error, Topic::process, "READY=1 did not arrive within ",
              util::to_string(settings_.wait.timeout), " (TIMEOUT, --timeout); ", why_not_ready(),
              ' ', tags::timeout);
}

void Guest::explain_end() const {
    const auto end = plan_.end_by_itself();
    if (plan_.is_ready() || !end || !(uplink_.has_manager() || settings_.wait.until_ready))
        return;
    util::log(Severity::warning, Topic::process, "the command ", process::describe(*end),
              " before READY=1; ", why_not_ready(), ' ', tags::before_ready);
}

void Guest::perform(const Plan::Actions& actions) {
    for (const Plan::Action& action : actions)
        perform(action);
    if (const auto next = plan_.next_time())
        timer_.start(*next - now().time);
    else
        timer_.cancel();
}

/// Performs one action of the plan. A guest has no run and no container, so the plan never returns
/// signal_run or kill_container.
void Guest::perform(const Plan::Action& action) {
    using Kind = Plan::Action::Kind;
    performer_.perform(action);
    if (action.kind == Kind::explain_late)
        explain_late();
    else if (action.kind == Kind::finish)
        finish(action.status);
}

/// Sets the result and stops the loop. If the command succeeded, the result is the guest's exit
/// status. A virtual machine manager exits with 0 even if its guest reports another status.
void Guest::finish(process::ExitStatus status) {
    explain_end();
    if (command_has_ended_ && status.success())
        status = process::ExitStatus::exited(voice_.exit_status().value_or(0));
    result_ = process::own_exit(status, supervisor_.signals().received(), process::is_pid1());
    live_line_.reset();
    loop_.stop();
}

}  // namespace notifybridge::guest
