#include "bridge/wrap/wrap.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "base/cli/settings.hpp"
#include "base/process/command_report.hpp"
#include "base/process/inherited_fds.hpp"
#include "base/process/inspection.hpp"
#include "base/process/received_end.hpp"
#include "base/system/memory.hpp"
#include "base/system/namespaces.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/log.hpp"
#include "base/util/tags.hpp"
#include "base/util/time_span.hpp"
#include "bridge/channel/container_places.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/channel/preparation.hpp"
#include "bridge/relay/main_process.hpp"
#include "bridge/wrap/channel_outlet.hpp"
#include "bridge/wrap/command_setup.hpp"
#include "bridge/wrap/straight_outlet.hpp"

namespace notifybridge::wrap {
namespace {

using util::concat;
using util::Severity;
using util::Topic;

/// How long we wait at the end for room on a full disk, or for a manager that does not read.
constexpr std::chrono::seconds delivery_patience(5);

/// Returns the directories in which a private directory for the socket may be created, best first.
std::vector<std::string> private_places() {
    const std::string ours = cli::variable("RUNTIME_DIRECTORY").value_or("");
    return {ours.substr(0, ours.find(':')), cli::variable("XDG_RUNTIME_DIR").value_or(""),
            channel::socket_place, "/run", "/tmp"};
}

}  // namespace

Wrap::Wrap(Settings settings)
    : settings_(std::move(settings)),
      handover_(settings_.hands_over_pid1
                    ? std::make_optional<process::Pid1Handover>(settings_.command)
                    : std::nullopt),
      supervisor_(loop_, /*adopt_orphans=*/true) {
    if (settings_.stop_signal)
        supervisor_.set_stop_signal(*settings_.stop_signal);
}

process::ExitStatus Wrap::run() {
    try {
        start();
        process::run_beside_command(loop_, supervisor_);
    } catch (...) {
        if (outlet_)
            outlet_->fail(process::ExitStatus::exited(process::status_failed));
        throw;
    }
    return result_;
}

void Wrap::start() {
    util::log(Severity::info, Topic::process,
              "Starting container wrapper for: ", settings_.command.front());
    // The sockets of --proxy belong to the host's network. The command, which may run as our user,
    // could use them to connect to addresses of the host.
    if (!settings_.on_demand.proxies.empty())
        process::forbid_inspection();
    open_intake(open_outlet());
    supervisor_.on_event = [this](const process::SupervisorEvent& event) {
        std::visit([this](const auto& each) { on(each); }, event);
    };
    loop_.spawn([this] { return supervisor_.run(); });
    loop_.spawn([this] { return intake_->run(); });
    if (outlet_->awaits_fds())
        hold_back_command();
    else
        start_command();
    outlet_->start();
    // Release the memory that the options needed, because this process may run for a long time.
    system::release_data();
}

/// Creates the outlet, and returns the directory for the socket.
std::string Wrap::open_outlet() {
    for (const std::string& argument : settings_.command)
        status_.command += concat(status_.command.empty() ? "" : " ", argument);
    if (!settings_.shared_directory) {
        open_straight_outlet();
        private_directory_.emplace(private_places());
        return private_directory_->path();
    }
    *settings_.shared_directory = channel::absolute_path(*settings_.shared_directory);
    auto opened = channel::open_for_container(*settings_.shared_directory);
    directory_ = std::move(opened.fd);
    if (!opened.warning.empty())
        util::log(Severity::warning, Topic::process, opened.warning);
    util::log(Severity::info, Topic::process, "shared directory: ", *settings_.shared_directory);
    channel::clear_obstacles(directory_, *settings_.shared_directory);
    try {
        channel::make_files(*settings_.shared_directory, [this] {
            outlet_ =
                std::make_unique<ChannelOutlet>(loop_, directory_, status_, handover_.has_value());
        });
    } catch (const channel::DirectoryTakenError& error) {
        throw channel::DirectoryError(concat(
            "shared directory ", util::quote(*settings_.shared_directory), ": ", error.what()));
    }
    return *settings_.shared_directory;
}

void Wrap::open_straight_outlet() {
    if (!settings_.manager) {
        outlet_ = std::make_unique<SilentOutlet>();
        util::log(Severity::info, Topic::messages,
                  "not forwarding messages: NOTIFY_SOCKET is not set; READY=1 is only used for "
                  "--notify-fd");
        return;
    }
    outlet_ = std::make_unique<StraightOutlet>(loop_, settings_.policy, *settings_.manager,
                                               cli::watchdog_period(), settings_.reasons.get());
    util::log(Severity::info, Topic::messages, "messages go directly to ",
              notify::to_string(*settings_.manager));
    relay::warn_of_main_process();
}

void Wrap::open_intake(const std::string& directory) {
    const std::string path = concat(directory, '/', channel::socket_name);
    std::optional<notify::Receiver> receiver;
    const auto make_socket = [&] { receiver.emplace(path, settings_.socket_mode); };
    if (settings_.shared_directory)
        channel::make_files(directory, make_socket);
    else
        make_socket();
    socket_.emplace(path);
    util::log(Severity::info, Topic::messages, "listening on ", path);
    outlet_->set_listener(*this);
    MessageSink* behind_gate = outlet_.get();
    if (settings_.ready_descriptor)
        behind_gate = &ready_descriptor_.emplace(*outlet_, std::move(settings_.ready_descriptor));
    gate_.emplace(*behind_gate, status_);
    make_sender_gate();
    intake_.emplace(loop_, std::move(*receiver), settings_.intake, *sender_gate_, status_);
    intake_->accepts = [this](pid_t sender) { return sender_gate_->accepts(sender); };
    make_speaker();
    if (!settings_.on_demand.proxies.empty())
        make_on_demand();
}

void Wrap::make_sender_gate() {
    SenderGate::Options options;
    options.access = settings_.notify_access;
    options.ready_counts = settings_.probes.counts_own_ready();
    sender_gate_.emplace(loop_, *gate_, status_, options);
    sender_gate_->told_to_end = [this] { return speaker_->told_to_quit(); };
    sender_gate_->command_goes_on = [this] {
        return supervisor_.running() && !speaker_->told_to_quit();
    };
    sender_gate_->on_main_pid = [this](pid_t named) { hand_over(named); };
}

void Wrap::hand_over(pid_t named) {
    if (!supervisor_.hand_over(named)) {
        util::log(Severity::info, Topic::process, "ignoring MAINPID=", named,
                  ": it is not a descendant of the command");
        return;
    }
    sender_gate_->follow(named);
    status_.command_pid = named;
}

void Wrap::make_speaker() {
    speaker_.emplace(loop_, supervisor_, *gate_, settings_.probes, status_,
                     settings_.shared_directory.value_or(""));
    speaker_->watchdog = [this] { return outlet_->watchdog(); };
    // podman before version 5 does not pass the unit's watchdog to the container.
    speaker_->pings_in_any_case = !settings_.shared_directory && cli::variable("NOTIFY_SOCKET")
                                  && !cli::variable("WATCHDOG_USEC")
                                  && system::pid_namespace() != system::initial_pid_namespace;
    // Other terminating signals, such as SIGHUP, do not count, because they usually have another
    // meaning.
    speaker_->told_to_end = [this] {
        return asked_to_end_ || supervisor_.signals().was_told_to_end();
    };
    speaker_->told_to_quit = [this] {
        return asked_to_end_ || supervisor_.signals().was_told_to_quit(event::Deadline::now());
    };
    speaker_->take_messages = [this] { intake_->catch_up(); };
    speaker_->on_end_wanted = [this](int signal) { end_command(signal); };
}

void Wrap::make_on_demand() {
    on_demand_ = std::make_unique<OnDemand>(loop_, supervisor_, settings_.on_demand);
    on_demand_->on_idle = [this] { end_idle_command(); };
    on_demand_->on_counts = [this](const channel::Connections& counts) {
        status_.connections = counts;
        gate_->settle();
    };
    on_demand_->on_settling = [this] { request_stop_time(); };
    speaker_->on_ready = [this] { on_demand_->command_is_ready(); };
}

/// Asks `wait` and the service manager for --stop-timeout twice: first for the connections of
/// --proxy, and then for the command. After that, they need time to end the container.
void Wrap::request_stop_time() {
    constexpr std::chrono::seconds end_of_container(5);
    const auto patience = settings_.on_demand.stop_timeout;
    if (patience != util::infinity)
        gate_->say({concat("EXTEND_TIMEOUT_USEC=",
                           util::sum(util::sum(patience, patience), end_of_container).count())});
}

/// Waits for the command's descriptors from `wait` before the command is started. If a terminating
/// signal arrives in the meantime, ends this process instead.
void Wrap::hold_back_command() {
    phase_ = Phase::held_back;
    loop_.spawn([this] { return start_with_handed_in(); });
}

event::Awaitable<> Wrap::start_with_handed_in() {
    handed_in_ = co_await outlet_->take_handed_in();
    if (phase_ == Phase::held_back)
        start_command();
    handed_in_ = {};
}

void Wrap::start_command() {
    phase_ = Phase::started;
    process::Command command;
    command.arguments = settings_.command;
    command.environment = process::Environment::inherited();
    command.environment.set("NOTIFY_SOCKET", socket_->path());
    // Remove the token, because a process that knows it can get the shared directory mounted.
    command.environment.unset("NOTIFYBRIDGE_TOKEN");
    // If a probe decides whether the command is alive, the command must not also ping.
    pass_watchdog(command,
                  settings_.probes.leaves_pings_to_command() ? outlet_->watchdog() : std::nullopt,
                  settings_.watchdog_pid);
    if (on_demand_)
        on_demand_->take_sockets(handed_in_, command.environment);
    if (!handover_)
        pass_listen_fds(command, handed_in_);
    else if (!handed_in_.fds.empty())
        util::log(
            Severity::warning, Topic::process,
            "starting the command without the file descriptors from systemd: they cannot be passed "
            "to a command that is PID 1");
    if (const std::string fd_store = outlet_->fd_store(); !fd_store.empty())
        command.environment.set("FDSTORE", fd_store);
    const std::vector<system::Fd> handed_in(handed_in_.fds.begin(), handed_in_.fds.end());
    speaker_->check_sockets(handed_in.empty() ? process::inherited_fds() : handed_in);
    speaker_->prepare(command);
    try {
        if (handover_)
            start_as_pid1(command.environment);
        else
            supervisor_.start(std::move(command));
        sender_gate_->follow(supervisor_.pid());
        status_.command_pid = supervisor_.pid();
        util::log(Severity::info, Topic::process, "command started with pid ", supervisor_.pid());
        leave_directory();
        close_passed_descriptors(speaker_->passes_output_on());
        speaker_->command_started();
    } catch (const std::system_error& error) {
        command_ended(process::report_spawn_failure(settings_.command.front(), error.code(),
                                                    "check its path in this image"));
    }
}

/// Makes PID 1 execute the command. When PID 1 ends, the kernel also ends this process, which
/// therefore cannot see the exit status of PID 1.
void Wrap::start_as_pid1(const process::Environment& environment) {
    handover_->execute(environment);
    supervisor_.follow(
        1, settings_.stop_signal.value_or(process::stop_signal_of_pid1(settings_.command)));
    supervisor_.report_signals(true);
}

/// Leaves the working directory, so that its file system can be unmounted when the command has left
/// it. Does nothing if a probe or a hook uses the directory.
void Wrap::leave_directory() const {
    if (!settings_.probes.use_directory())
        static_cast<void>(::chdir("/"));
}

void Wrap::on(const process::CommandEnding& /*event*/) {
    // The command may have named another main process (MAINPID=) just before it ended.
    intake_->catch_up();
}

void Wrap::on(const process::CommandEnded& event) {
    command_ended(event.end);
}

void Wrap::on(const process::SignalCame& event) {
    if (process::is_terminating(event.signal) && phase_ != Phase::ended)
        command_ended(process::ExitStatus::exited(0));
}

void Wrap::on(const process::SignalUnclaimed& event) {
    if (phase_ == Phase::held_back)
        command_ended(process::ExitStatus::killed(event.signal));
    // Readers of the output may delay our end, until a signal asks us to end.
    else if (phase_ == Phase::ended)
        speaker_->hurry_output(settings_.kill_after);
}

void Wrap::on(const process::EndAsked& /*event*/) {
    sender_gate_->command_stops();
}

void Wrap::on(const process::StopComes& /*event*/) {
    if (on_demand_)
        on_demand_->stop_comes();
}

void Wrap::on(const process::SignalPassed& event) {
    speaker_->signal_passed(event.signal);
}

void Wrap::on(const process::WindowChanged& /*event*/) {
    speaker_->follow_size();
}

void Wrap::room_came() {
    intake_->room();
}

void Wrap::host_changed() {
    if (speaker_)
        speaker_->watchdog_changed();
}

/// Handles a signal from the host as if this process had received it. A SIGKILL of `wait` means
/// that no time is left.
void Wrap::signal_came(int signal) {
    util::log(Severity::info, Topic::process, "the host has sent ", process::signal_name(signal),
              " for the command");
    if (signal == SIGKILL) {
        kill_command();
        return;
    }
    // Do not limit the time of orphans: `wait` sends SIGKILL when --stop-timeout is over.
    if ((signal == SIGTERM || signal == SIGINT) && !settings_.limits_orphans)
        supervisor_.spare_orphans();
    supervisor_.take(signal);
}

/// Kills the command, because `wait` has no time left and will kill this process next.
void Wrap::kill_command() {
    asked_to_end_ = true;
    sender_gate_->command_stops();
    supervisor_.hurry_orphans();
    if (on_demand_)
        on_demand_->hurry();
    supervisor_.take(SIGKILL);
    limit_command(settings_.kill_after);
}

void Wrap::end_command(int signal) {
    supervisor_.kill(signal);
    limit_command(settings_.kill_after);
}

void Wrap::end_idle_command() {
    const std::string reason =
        concat("no connection for ", util::to_string(settings_.on_demand.proxy.idle_timeout));
    util::log(Severity::info, Topic::process, reason, " (--idle-timeout): ending the command");
    is_idle_ = asked_to_end_ = true;
    gate_->say({"STOPPING=1", concat("STATUS=", reason)});
    sender_gate_->command_stops();
    supervisor_.kill(SIGTERM);
    limit_command(settings_.on_demand.stop_timeout);
}

/// Kills the command if it still runs after `patience`.
void Wrap::limit_command(std::chrono::microseconds patience) {
    speaker_->hurry_output(settings_.kill_after);
    loop_.spawn([this, patience]() -> event::Awaitable<> {
        const bool over = co_await kill_timer_.sleep(patience);
        if (over)
            supervisor_.kill(SIGKILL);
    });
}

void Wrap::command_ended(process::ExitStatus status) {
    // Our exit status does not clearly say that a signal killed the command, so the log has to.
    util::log(supervisor_.signals().is_crash(status) ? Severity::warning : Severity::info,
              Topic::process, "the command ", process::describe(status), ' ', tags::command_ended);
    warn_of_passed_signal(status);
    intake_->catch_up();
    sender_gate_->command_stops();
    phase_ = Phase::ended;
    if (speaker_->told_to_quit())
        speaker_->hurry_output(settings_.kill_after);
    explain_end();
    if (on_demand_)
        on_demand_->command_ended();
    auto end = supervisor_.signals().as_requested(speaker_->command_ended(status));
    if (is_idle_)
        end = process::ExitStatus::exited(0);
    loop_.spawn([this, end] { return finish(end); });
}

/// Warns if the command died of a signal that was passed on and that does not ask for the end. The
/// sender probably expected the command to handle this signal.
void Wrap::warn_of_passed_signal(process::ExitStatus status) const {
    const int signal = process::received_end(status, supervisor_.signals().received());
    // SIGABRT is that of a watchdog, which `wait` explains.
    if (signal != 0 && signal != SIGABRT && !process::asks_for_end(signal)
        && !speaker_->told_to_quit())
        util::log(Severity::warning, Topic::process, "the command died of ",
                  process::signal_name(signal),
                  ", which was passed on to it: it does not handle this signal; if ExecReload= "
                  "sends it, remove ExecReload=");
}

/// Warns if the command was asked to end before it had sent READY=1, and a reader waits for
/// READY=1.
void Wrap::explain_end() const {
    if (outlet_->has_reader() && settings_.probes.ready_when.empty() && speaker_->told_to_quit()
        && status_.state.phase == notify::Phase::starting)
        util::log(Severity::warning, Topic::process,
                  "a stop was requested before the command sent READY=1; if the command never "
                  "sends it, set --ready-when, such as --ready-when=tcp:127.0.0.1:PORT",
                  settings_.socket_mode & S_IWOTH
                      ? ""
                      : "; if it runs as another user, set --socket-mode=0666");
}

event::Awaitable<> Wrap::finish(process::ExitStatus status) {
    co_await speaker_->finish(settings_.kill_after);
    co_await supervisor_.end_orphans(settings_.kill_after);
    if (on_demand_)
        co_await on_demand_->finish(delivery_patience);
    co_await speaker_->pass_output_on();
    co_await intake_->finish(settings_.shared_directory ? delivery_patience
                                                        : std::chrono::seconds(0));
    co_await outlet_->finish(status, delivery_patience);
    result_ =
        process::own_exit(status, supervisor_.signals().received(), process::Supervisor::is_pid1());
    loop_.stop();
}

}  // namespace notifybridge::wrap
