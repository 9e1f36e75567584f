#include "bridge/wait/wait.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>

#include "base/cli/log.hpp"
#include "base/cli/settings.hpp"
#include "base/process/command_report.hpp"
#include "base/process/proc.hpp"
#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/log.hpp"
#include "base/util/tags.hpp"
#include "base/util/time_span.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/channel/preparation.hpp"
#include "bridge/runtime/docker_file.hpp"
#include "bridge/wait/command_environment.hpp"
#include "bridge/wait/container_command.hpp"
#include "bridge/wait/explanation.hpp"
#include "bridge/wait/opening.hpp"
#include "bridge/wait/plan_options.hpp"
#include "bridge/wait/sandbox.hpp"

namespace notifybridge::wait {
namespace {

using util::concat;
using util::Severity;
using util::Topic;

/// How long the container's output may take to end after the container has ended.
constexpr std::chrono::seconds output_patience(2);

/// How long podman's client may take to die of a signal that all processes of a unit get.
constexpr std::chrono::milliseconds client_death_patience(100);

/// How long a container manager may take to create a container during a stop, and how often to
/// look.
constexpr std::chrono::seconds creation_patience(5);
constexpr std::chrono::milliseconds creation_look(50);

/// A guard that informs the containers that this `wait` has gone, even if an exception ends `wait`.
struct Departure {
    Members& members;

    ~Departure() { members.depart(); }
};

HostPlan::Time now() {
    return event::Deadline::now();
}

/// Logs an event together with its reason. Logs nothing if the reason is not known.
void explain(Severity severity, const std::string& what, const std::string& why, tags::Tag tag) {
    if (!why.empty())
        util::log(severity, Topic::process, what, "; ", why, ' ', tag);
}

}  // namespace

Wait::Wait(Settings settings)
    : settings_(std::move(settings)),
      supervisor_(loop_, /*adopt_orphans=*/false),
      directory_(open_shared_directory(settings_.shared_directory,
                                       settings_.members.empty() ? settings_.owner : std::nullopt)),
      uplink_(loop_, settings_.manager),
      performer_(supervisor_, uplink_, settings_.stop_timeout),
      plan_(plan_options(settings_)),
      members_(loop_, open_members(settings_, directory_), settings_.courier, settings_.policy,
               uplink_, std::move(settings_.fds), settings_.reasons.get()),
      timer_(loop_),
      hold_(loop_),
      awaits_output_(shares_output(settings_)) {
    supervisor_.report_signals(true);
    supervisor_.on_event = [this](const process::SupervisorEvent& event) {
        if (const auto* const ended = std::get_if<process::CommandEnded>(&event))
            command_ended(ended->end);
        else if (const auto* const came = std::get_if<process::SignalCame>(&event))
            take_signal(came->signal);
    };
    members_.connect(plan_.voice(), [this](const Event& event) { happens(event); });
    timer_.on_expired = [this] { happens(TimePassed()); };
    hold_.on_expired = [this] { hold_ended(); };
}

process::ExitStatus Wait::run() {
    util::log(Severity::info, Topic::process, "shared directory: ", settings_.shared_directory);
    if (settings_.timeout != util::infinity)
        util::log(Severity::info, Topic::process, "waiting at most ",
                  util::to_string(settings_.timeout), " for READY=1 (TIMEOUT, --timeout)");
    performer_.warn_of_manager();
    if (has_command())
        for (Members::Followed& followed : members_.all())
            claim_leftover(followed);
    channel::make_files(settings_.shared_directory, [this] { members_.announce(); });
    const Departure departure{members_};
    if (settings_.until_ready && cli::is_terminal(system::Fd(STDERR_FILENO)))
        live_line_.emplace(loop_, [this] { return awaited(); });
    loop_.spawn([this] { return supervisor_.run(); });
    if (members_.has_leftover())
        loop_.spawn([this]() -> event::Awaitable<> {
            co_await end_leftover_runs(members_, settings_.stop_timeout);
            begin();
        });
    else
        begin();
    process::run_beside_command(loop_, supervisor_);
    return result_;
}

/// Starts the command, and begins to follow runs. Called after leftover runs were ended.
void Wait::begin() {
    perform_all(plan_.begin(now()));
    request_time();
    if (has_command())
        start_command();
    if (!pull_) {
        is_pull_over_ = true;
        enter_sandbox();
    }
    if (!members_.resumes())
        members_.say(plan_.opening());
    members_.begin();
}

/// Asks the service manager to wait for `timeout` plus `stop_timeout`, because the manager's own
/// timeout may be shorter. Under a service manager, `timeout` is infinite unless the user sets it.
void Wait::request_time() {
    if (settings_.timeout == util::infinity || !uplink_.has_manager())
        return;
    relay::Decision decision;
    decision.text = concat("EXTEND_TIMEOUT_USEC=",
                           util::sum(settings_.timeout, settings_.stop_timeout).count());
    members_.say(std::move(decision));
}

void Wait::start_command() {
    util::log(Severity::info, Topic::process,
              "Starting host waiter for container command: ", settings_.command.front());
    process::Command command;
    command.arguments = settings_.command;
    process::Environment environment = process::Environment::inherited();
    remove_systemd_variables(environment);
    environment.set("SHARED_DIR", settings_.shared_directory);
    const std::string token = channel::Token::make_text();
    channel::make_files(settings_.shared_directory, [&] {
        for (const Members::Followed& followed : members_.all())
            tokens_.emplace_back(followed.member.directory, token);
    });
    environment.set("NOTIFYBRIDGE_TOKEN", token);
    if (settings_.wrap_options) {
        environment.set("NOTIFYBRIDGE_OPTIONS", *settings_.wrap_options);
        // If podman finds this variable, it leaves its monitor in the unit's control group. systemd
        // then ends the monitor before the monitor has removed the container.
        environment.unset("INVOCATION_ID");
    }
    command.environment = environment;
    warn_of_words(settings_);
    settings_.unset_docker = runtime::find_unset_docker(cli::variable_or_empty);
    try {
        killer_ = make_container_killer(settings_, supervisor_, environment);
        if (killer_)
            killer_->on_end = [this](bool succeeded) { happens(ManagerAnswered{succeeded}); };
        supervisor_.start(std::move(command));
        members_.command_started(supervisor_.pid());
        util::log(Severity::info, Topic::process, "Container started with PID ", supervisor_.pid());
        observe_pull();
    } catch (const std::system_error& error) {
        finish(process::report_spawn_failure(settings_.command.front(), error.code(),
                                             "check the path of the command, and PATH"));
    }
}

void Wait::observe_pull() {
    pull_ = make_pull_observer(settings_, loop_, supervisor_);
    if (!pull_)
        return;
    pull_->on_message = [this](const PullWatch::Step& step) {
        relay::Decision decision;
        decision.text = step.datagram;
        decision.extend_timeout = step.extension;
        members_.say(std::move(decision));
    };
    pull_->on_over = [this] {
        is_pull_over_ = true;
        enter_sandbox();
    };
    pull_->begin();
}

/// Gives up rights after the command has started, because the command needs these rights. This is
/// early enough: until now, we have read only the journal's header, the file "host", and possibly a
/// leftover run.
void Wait::enter_sandbox() {
    if (!settings_.sandbox || !is_pull_over_ || awaits_output_)
        return;
    cli::prepare_log();
    SandboxOptions sandbox;
    // Add the members' directories, and not the directory above, because a member may be a link
    // that leads elsewhere.
    for (const Members::Followed& followed : members_.all())
        sandbox.directories.emplace_back(followed.member.directory);
    sandbox.reads_processes = settings_.courier.translates_main_pid;
    const SandboxReport report = narrow(sandbox);
    util::log(Severity::info, Topic::process,
              "gave up rights that are no longer needed: ", report.summary());
    if (report.lacks_landlock)
        members_.show_missing("Landlock");
}

/// Prepares to take over the run's output before rights are given up. Called when a run has begun,
/// or when the command has ended.
void Wait::output_is_known() {
    if (!std::exchange(awaits_output_, false))
        return;
    if (supervisor_.running() && has_run())
        output_ = ClientOutput::share(loop_, supervisor_.pid(),
                                      {system::Fd(STDOUT_FILENO), system::Fd(STDERR_FILENO)});
    enter_sandbox();
}

void Wait::take_signal(int signal) {
    // A watchdog sends this signal. podman's client also gets it, and would die with a trace of its
    // goroutines.
    if (signal == SIGABRT && output_ && supervisor_.running())
        output_->end_client();
    if (!hold_.is_running() && may_end_client(signal))
        hold_.start(client_death_patience);
    if (!hold_.is_running() && process::asks_for_end(signal) && may_be_creating()) {
        creation_end_ = now() + std::min<HostPlan::Time>(creation_patience, settings_.stop_timeout);
        hold_.start(creation_look);
    }
    if (hold_.is_running())
        held_signals_.push_back(signal);
    else
        pass_signal(signal);
}

/// Returns whether podman's client may be about to die of this signal, because the service manager
/// has signalled all processes of the unit. The app must then get the signal after the client has
/// died. Otherwise, the client could read the app's last lines, and die before it writes them.
bool Wait::may_end_client(int signal) const {
    // Only `run` makes the client die of these signals (--sig-proxy=false).
    const bool ends_client =
        settings_.wrap_options && (process::asks_for_end(signal) || signal == SIGHUP);
    return output_ && supervisor_.running() && (signal == SIGABRT || ends_client);
}

/// Returns whether the client may be about to create its container. A signal would end the client,
/// but not docker's daemon. The daemon then creates a container that nobody starts or removes, and
/// whose name is in use at the next start. As soon as the container's id is known, the container
/// can be removed.
bool Wait::may_be_creating() const {
    return supervisor_.running() && !plan_.wait().has_seen_run() && !is_pulling()
           && awaits_container_id(settings_);
}

void Wait::hold_ended() {
    if (now() < creation_end_ && may_be_creating())
        hold_.start(creation_look);
    else
        pass_held_signals();
}

/// Called when the client has died or has not died in time, or when the container was created.
void Wait::pass_held_signals() {
    hold_.cancel();
    for (const int signal : std::exchange(held_signals_, {}))
        pass_signal(signal);
}

void Wait::pass_signal(int signal) {
    // systemd sends SIGTERM when TimeoutStartSec= has passed, and for a stop during the start.
    if (plan_.wait().breaks_off_start(signal))
        explain(Severity::warning, concat(process::signal_name(signal), " arrived before READY=1"),
                why_not_ready(settings_, members_, is_pulling()), tags::before_ready);
    // Log the last status here, too. The log of `wrap` arrives through its container, where it has
    // the same priority as everything that the app prints.
    else if (signal == SIGABRT && uplink_.has_manager())
        explain(Severity::warning, "SIGABRT arrived, which systemd sends if WATCHDOG=1 is late",
                why_no_ping(members_), tags::late_ping);
    happens(Signalled{signal});
}

void Wait::command_ended(process::ExitStatus status) {
    util::log(Severity::info, Topic::process, "the command ", process::describe(status), ' ',
              tags::command_ended);
    output_is_known();
    if (output_)
        output_->take_over();
    pass_held_signals();
    if (status.success())
        members_.adopt_older();
    // The container's last messages may still be unread, or even its whole journal.
    members_.command_gone();
    happens(CommandEnded{status, supervisor_.signals().has_just_received(status.signal, now())});
}

void Wait::happens(const Event& event) {
    if (const auto* const began = std::get_if<RunBegan>(&event))
        run_began(*began);
    perform_all(plan_.take(event, {now(), members_.writers_live()}));
}

void Wait::run_began(const RunBegan& run) {
    const bool is_leftover = has_command() && run.is_resumed;
    if (!is_leftover)
        output_is_known();
}

bool Wait::has_run() const {
    return std::ranges::any_of(members_.all(), [](const Members::Followed& each) {
        return each.courier.phase() == RunPhase::live;
    });
}

bool Wait::is_pulling() const {
    return pull_ && pull_->is_pulling();
}

/// Returns a text for a terminal that names the event that we wait for.
std::string Wait::awaited() const {
    if (!plan_.wait().has_begun())
        return "the end of the previous run";
    if (has_run())
        return "READY=1";
    if (is_pulling())
        return pull_->what();
    if (has_command())
        return concat("the container of ", settings_.command.front());
    return concat("a container at ", settings_.shared_directory);
}

void Wait::perform_all(const HostPlan::Actions& actions) {
    for (const HostPlan::Action& action : actions)
        std::visit([this](const auto& each) { perform(each); }, action);
    if (const auto next = plan_.next_time())
        timer_.start(*next - now());
    else
        timer_.cancel();
}

void Wait::perform(const WaitPlan::Action& action) {
    using Kind = WaitPlan::Action::Kind;
    performer_.perform(action);
    if (action.kind == Kind::kill_container)
        killer_->ask(ContainerKiller::Request::kill);
    else if (action.kind == Kind::discard_container)
        remove_container(ContainerKiller::Request::discard);
    else if (action.kind == Kind::remove_container)
        remove_container(ContainerKiller::Request::remove);
    else if (action.kind == Kind::mute_run)
        members_.mute();
    else if (action.kind == Kind::explain_late)
        explain_late();
    else if (action.kind == Kind::finish)
        finish(action.status);
}

void Wait::remove_container(ContainerKiller::Request request) {
    members_.expect_removal();
    killer_->ask(request);
}

void Wait::perform(const HostPlan::SignalRuns& action) {
    performer_.explain_kill(action.signal);
    util::log(Severity::info, Topic::process, "sending ", process::signal_name(action.signal),
              " to the app through the shared directory");
    if (members_.signal(action.members, action.signal))
        return;
    // No `wrap` can be reached, but the container manager can.
    if (killer_ && process::asks_for_end(action.signal))
        killer_->ask(ContainerKiller::Request::stop);
    else
        supervisor_.kill(action.signal);
}

void Wait::perform(const HostPlan::SignalNext& action) {
    members_.signal({action.member}, action.signal);
}

void Wait::perform(const HostPlan::Say& action) {
    members_.say(action.message);
}

void Wait::perform(const HostPlan::ReportRemovedDirectory& action) {
    util::log(Severity::error, Topic::process, "the shared directory ",
              util::quote(members_.all()[action.member].member.path),
              " was removed, so no run can start in it; start `wait` again");
}

void Wait::perform(const HostPlan::EndPull& action) {
    if (pull_ && action.is_there)
        pull_->end();
    else if (pull_)
        pull_->give_up();
}

void Wait::explain_late() const {
    const std::string why = why_not_ready(settings_, members_, is_pulling());
    explain(Severity::error,
            concat("Timeout waiting for container to be ready: READY=1 did not arrive within ",
                   util::to_string(settings_.timeout), " (TIMEOUT, --timeout)"),
            why.empty() ? "allow more time; if the app does not notify, set --ready-when of `wrap`"
                        : why,
            tags::timeout);
}

void Wait::explain_end() const {
    const auto end = plan_.wait().end_by_itself();
    if (!end || !(uplink_.has_manager() || settings_.until_ready))
        return;
    const std::string why = why_no_wrap(settings_, members_, end);
    explain(Severity::error, concat("the command ", process::describe(*end)), why,
            tags::command_ended);
    if (!why.empty() || plan_.wait().is_ready() || settings_.until_ready)
        return;
    util::log(Severity::warning, Topic::process,
              early_end(settings_, members_, *end, plan_.wait().has_seen_run()));
}

void Wait::finish(process::ExitStatus status) {
    pass_held_signals();
    explain_end();
    result_ = process::own_exit(status, supervisor_.signals().received(), process::is_pid1());
    live_line_.reset();
    loop_.spawn([this] { return finish_output(); });
}

event::Awaitable<> Wait::finish_output() {
    if (output_)
        co_await output_->finish(output_patience);
    loop_.stop();
}

}  // namespace notifybridge::wait
