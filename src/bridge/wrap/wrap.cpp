#include "bridge/wrap/wrap.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "base/cli/settings.hpp"
#include "base/process/command_report.hpp"
#include "base/process/inherited_fds.hpp"
#include "base/process/inspection.hpp"
#include "base/process/proc.hpp"
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

WrapPlan::Options plan_options(const Settings& settings) {
    WrapPlan::Options options;
    options.kill_after = settings.kill_after;
    options.stop_timeout = settings.on_demand.stop_timeout;
    options.idle_timeout = settings.on_demand.proxy.idle_timeout;
    options.limits_orphans = settings.limits_orphans;
    options.has_conditions = !settings.probes.ready_when.empty();
    options.others_may_send = (settings.socket_mode & S_IWOTH) != 0;
    return options;
}

}  // namespace

Wrap::Wrap(Settings settings)
    : settings_(std::move(settings)),
      handover_(settings_.hands_over_pid1
                    ? std::make_optional<process::Pid1Handover>(settings_.command)
                    : std::nullopt),
      supervisor_(loop_, /*adopt_orphans=*/true),
      plan_(supervisor_.signals(), plan_options(settings_)) {
    timer_.on_expired = [this] { happens(TimePassed()); };
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
    return plan_.result(process::is_pid1());
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
        std::visit([this](const auto& each) { happens(each); }, event);
    };
    loop_.spawn([this] { return supervisor_.run(); });
    loop_.spawn([this] { return intake_->run(); });
    perform_all(plan_.begin(outlet_->awaits_fds()));
    outlet_->start();
    // Release the memory that the options needed, because this process may run for a long time.
    system::release_data();
}

/// Creates the outlet, and returns the directory for the socket.
std::string Wrap::open_outlet() {
    for (const std::string& argument : settings_.command)
        status_.command += concat(status_.command.empty() ? "" : " ", argument);
    status_.condition = settings_.probes.ready_condition();
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
    make_speaker();
    if (!settings_.on_demand.proxies.empty())
        on_demand_ = std::make_unique<OnDemand>(loop_, supervisor_, settings_.on_demand, *this);
}

void Wrap::make_sender_gate() {
    SenderGate::Options options;
    options.access = settings_.notify_access;
    options.ready_counts = settings_.probes.counts_own_ready();
    sender_gate_.emplace(loop_, *gate_, status_, plan_, *this, options);
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
                     settings_.shared_directory.value_or(""),
                     Speaker::Whole{plan_, *this, *outlet_});
    // podman before version 5 does not pass the unit's watchdog to the container.
    speaker_->pings_in_any_case = !settings_.shared_directory && cli::variable("NOTIFY_SOCKET")
                                  && !cli::variable("WATCHDOG_USEC")
                                  && system::pid_namespace() != system::initial_pid_namespace;
}

/// Waits for the command's descriptors from `wait`. If a terminating signal arrives in the
/// meantime, it ends this process instead.
event::Awaitable<> Wrap::await_descriptors() {
    handed_in_ = co_await outlet_->take_handed_in();
    happens(DescriptorsCame());
    handed_in_ = {};
}

void Wrap::start_command() {
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
        happens(process::CommandEnded{process::report_spawn_failure(
            settings_.command.front(), error.code(), "check its path in this image")});
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

void Wrap::room_came() {
    happens(RoomCame());
}

void Wrap::host_changed() {
    happens(HostChanged());
}

void Wrap::signal_came(int signal) {
    happens(HostSignalled{signal});
}

void Wrap::happens(const Event& event) {
    perform_all(plan_.take(event, event::Deadline::now()));
}

void Wrap::perform_all(const WrapPlan::Actions& actions) {
    for (const WrapPlan::Action& action : actions)
        perform(action);
    if (const auto next = plan_.next_time())
        timer_.start(*next - event::Deadline::now());
    else
        timer_.cancel();
}

void Wrap::perform(const WrapPlan::Action& action) {
    using Kind = WrapPlan::Action::Kind;
    switch (action.kind) {
        case Kind::log:
            util::log(action.severity, Topic::process, action.texts.front());
            break;
        case Kind::say:
            gate_->say(action.texts);
            break;
        case Kind::await_descriptors:
            loop_.spawn([this] { return await_descriptors(); });
            break;
        case Kind::start_command:
            start_command();
            break;
        case Kind::accept_messages:
            intake_->room();
            break;
        case Kind::take_messages:
            intake_->catch_up();
            break;
        case Kind::release_stopping:
            sender_gate_->command_stops();
            break;
        case Kind::end_messages:
            intake_->catch_up();
            sender_gate_->command_stops();
            happens(MessagesEnded{outlet_->has_reader(), status_.state.phase});
            break;
        case Kind::update_watchdog:
            speaker_->watchdog_changed();
            break;
        case Kind::follow_size:
            speaker_->follow_size();
            break;
        case Kind::hand_over:
            hand_over(action.pid);
            break;
        case Kind::tell_probes:
            speaker_->signal_passed(action.signal);
            break;
        case Kind::end_probes:
            happens(ProbesEnded{speaker_->command_ended(action.status)});
            break;
        case Kind::take_signal:
            supervisor_.take(action.signal);
            break;
        case Kind::kill:
            supervisor_.kill(action.signal);
            break;
        case Kind::spare_orphans:
            supervisor_.spare_orphans();
            break;
        case Kind::hurry_orphans:
            supervisor_.hurry_orphans();
            break;
        case Kind::hurry_output:
            speaker_->hurry_output(settings_.kill_after);
            break;
        case Kind::finish:
            loop_.spawn([this, end = action.status] { return finish(end); });
            break;
        case Kind::serve:
        case Kind::count_connections:
        case Kind::settle_connections:
        case Kind::close_connections:
        case Kind::hurry_connections:
            if (on_demand_)
                perform_on_demand(action.kind);
            break;
    }
}

void Wrap::perform_on_demand(WrapPlan::Action::Kind kind) {
    using Kind = WrapPlan::Action::Kind;
    if (kind == Kind::serve)
        on_demand_->command_is_ready();
    else if (kind == Kind::settle_connections)
        on_demand_->stop_comes();
    else if (kind == Kind::close_connections)
        on_demand_->command_ended();
    else if (kind == Kind::hurry_connections)
        on_demand_->hurry();
    else if (kind == Kind::count_connections) {
        status_.connections = on_demand_->counts();
        gate_->settle();
    }
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
    loop_.stop();
}

}  // namespace notifybridge::wrap
