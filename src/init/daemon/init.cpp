#include "init/daemon/init.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/process/inherited_fds.hpp"
#include "base/process/supervisor.hpp"
#include "base/system/file.hpp"
#include "base/system/limits.hpp"
#include "base/system/memory.hpp"
#include "base/system/random_id.hpp"
#include "base/util/base_name.hpp"
#include "base/util/concat.hpp"
#include "base/util/log.hpp"
#include "init/daemon/make_unit.hpp"
#include "init/daemon/own_facts.hpp"
#include "init/daemon/remaining_processes.hpp"
#include "init/daemon/run_directory.hpp"
#include "init/daemon/sysctl.hpp"
#include "init/files/install/directories.hpp"
#include "init/hands/execute/environment.hpp"
#include "init/hands/generate/find_generators.hpp"

namespace notifybridge::daemon {
namespace {

using util::concat;
using util::Severity;
using util::Topic;

/// The target of an orderly end of the system. exit.target pulls in shutdown.target, which
/// conflicts with all units that have default dependencies (systemd.special(7)).
constexpr std::string_view exit_target = "exit.target";
constexpr std::chrono::seconds delivery_patience(5);

/// Raises the limits for descriptors and queued messages, because each service needs both. Must be
/// called before we create sockets, because a socket keeps the message limit that applies at its
/// creation. Lets users read our files and directories, whatever our own umask was. Returns
/// `settings` with our role.
Init::Settings prepare_process(Init::Settings settings) {
    ::umask(022);
    system::raise_open_files_limit();
    const RoleFacts facts = role_facts(settings.root);
    settings.role = role_of(facts);
    if (settings.role == Role::container)
        make_room_for_messages();
    if (settings.role == Role::guest)
        util::log(Severity::warning, Topic::process, describe_guest(facts));
    return settings;
}

unit::UnitName name_of(std::string_view text) {
    const auto name = unit::UnitName::parse(text);
    if (!name)
        throw std::runtime_error(
            concat(text, " is not the name of a unit; give one such as NAME.target"));
    return *name;
}

/// Returns the directories of generators. Returns no directories if this is not the manager of a
/// container, because generators would write in /run, where another manager reads units.
std::vector<std::string> generator_directories(const Init::Settings& settings) {
    if (settings.role != Role::container)
        return {};
    return generate::generator_directories(settings.generator_path);
}

}  // namespace

Init::Init(Settings settings)
    : settings_(prepare_process(std::move(settings))),
      signals_(loop_),
      files_(settings_.root, settings_.unit_path, own_facts(settings_.root, settings_.role)),
      claim_(claim_run_directory(files_.facts().runtime_directory)),
      host_notifier_(loop_, settings_.host),
      host_(loop_, system::Fd(STDOUT_FILENO),
            {files_.facts(), execute::manager_environment(system::text_of("/etc/locale.conf")),
             make_notify_path(files_.facts().runtime_directory), execute::Cgroups::below_our_own(),
             listen::InheritedFds(process::take_inherited_fds())}),
      port_(loop_, host_.state.settings.notify_socket, host_.state.closer),
      engine_(
          host_.surroundings, [this](const unit::UnitName& name) { return load(name); },
          [this](manager::Engine& engine, load::LoadedUnit loaded) {
              bus_.unit_loaded(loaded.id.text());
              return make_unit(engine, host_, std::move(loaded));
          }),
      calls_(engine_, daemon()),
      bus_(loop_, host_.state.poller, host_.state.closer, system_bus_path(files_.facts()),
           {engine_, calls_, daemon(), [this] { due_.raise(); }}),
      generators_(loop_, host_.state, generator_directories(settings_)),
      reload_(loop_),
      due_(loop_),
      more_ended_(loop_),
      timer_(loop_),
      planned_end_timer_(loop_) {
    // Make orphans our children, as the kernel does for PID 1.
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    port_.on_message = [this](notify::Datagram& datagram, const notify::Message& message) {
        take(datagram, message);
    };
    host_.state.find_unit = [this](std::string_view id) { return engine_.find(id); };
    engine_.hooks.before_loading = [this] { return files_.scan_if_changed(); };
    engine_.hooks.on_start = [this](const manager::Unit& unit) {
        for (const unit::Message& message : files_.report(unit.id()))
            host_.state.output.recent().add(
                unit.key(), {system::now(), 0, message.severity, unit::to_string(message)});
    };
    engine_.hooks.on_forget = [this](manager::Unit& unit) {
        bus_.unit_forgotten(unit.id());
        remove_transient_file(unit.loaded().fragment_path);
        host_.forget(unit);
        files_.forget_problems(unit.id());
    };
    timer_.on_expired = [this] { due_.raise(); };
    planned_end_timer_.on_expired = [this] {
        if (!std::exchange(planned_end_, {}).is_dry)
            end(0);
    };
    host_.state.on_events = [this] { due_.raise(); };
    host_.state.on_end = [this](unit::EmergencyAction, int status) {
        // Only the first forced end counts, because it stops everything that could request another
        // end.
        if (!progress_.force_end(static_cast<std::uint8_t>(status)))
            return;
        notify_host_of_end();
        due_.raise();
    };
    engine_.hooks.make_invocation_id = [] { return system::to_string(system::make_random_id()); };
    engine_.hooks.on_job_end = [this](const manager::Job& job, manager::JobResult result) {
        calls_.job_ended(job, result);
        bus_.job_ended(job, result);
    };
    engine_.hooks.on_change = [this](manager::Unit& unit, manager::ActiveState before) {
        calls_.unit_changed(unit);
        bus_.unit_changed(unit);
        notify_host_of_target(unit, before);
    };
    host_notifier_.on_signal = [this](int signal) {
        handle_signal(signal);
        due_.raise();
    };
}

/// Returns the interface for calls, which come from the control socket and from D-Bus.
properties::Daemon Init::daemon() {
    return {host_.queries,
            files_,
            host_.state.settings.environment,
            boot_end_,
            [this] { return system_state(); },
            [this](std::function<void()> done) { reload_files(std::move(done)); },
            [this](std::uint8_t status) { end(status); },
            [this](properties::PlannedEnd planned) { plan_end(std::move(planned)); },
            [this]() -> const properties::PlannedEnd& { return planned_end_; }};
}

/// Returns whether the units that systemd-run(1) makes belong to this manager, and not to another
/// systemd that uses the same directories.
bool Init::owns_transient_units() const {
    return settings_.role == Role::container || !files_.root().empty();
}

/// Removes the file of a unit that is forgotten, if systemd-run(1) made the unit.
void Init::remove_transient_file(const std::string& path) const {
    const std::size_t root = files_.root().size();
    if (owns_transient_units() && path.starts_with(files_.root())
        && install::is_transient(path.substr(root)))
        ::unlink(path.c_str());
}

Init::~Init() {
    // Keep the signals blocked. A second signal would kill this process before it returns its exit
    // status.
    signals_.stay_blocked();
}

int Init::run() {
    // Processes without WorkingDirectory= inherit this directory.
    static_cast<void>(::chdir("/"));
    if (settings_.role == Role::container)
        pretend_to_be_booted();
    if (owns_transient_units())
        remove_transient_units(files_.root());
    open_control_socket();
    loop_.spawn([this] { return port_.run(); });
    loop_.spawn([this] { return host_.state.poller.run(); });
    loop_.spawn([this] { return host_.state.output.run(); });
    loop_.spawn([this] { return host_.state.output.run_writer(); });
    loop_.spawn([this] { return handle_signals(); });
    loop_.spawn([this] { return reap_more(); });
    loop_.spawn([this] { return run_engine(); });
    loop_.spawn([this] { return manage_files(); });
    host_notifier_.start();
    loop_.run();
    return exit_status();
}

std::uint8_t Init::exit_status() const {
    return progress_.forced_status().value_or(engine_.exit_status());
}

/// Loads a unit. A guest refuses a unit that does nothing without the units of its generator, such
/// as postgresql.service, so that the unit does not seem to be active.
load::LoadedUnit Init::load(const unit::UnitName& name) {
    load::LoadedUnit loaded = files_.load(name);
    if (settings_.role != Role::guest || loaded.state != unit::LoadState::loaded)
        return loaded;
    const std::string generator = concat(name.prefix(), "-generator");
    for (const std::string& path :
         generate::find_generators(generate::generator_directories(settings_.generator_path)))
        if (util::base_name(path) == generator) {
            util::log(Severity::error, Topic::process, "refusing ", name.text(), ": ", path,
                      " writes the units that it starts, and generators do not run here");
            loaded.state = unit::LoadState::bad_setting;
        }
    return loaded;
}

bool Init::enqueue(std::string_view name, manager::JobType type, unit::JobMode mode) {
    manager::Unit& unit = engine_.unit(name_of(name));
    const auto enqueued = engine_.enqueue(type, unit, mode);
    if (enqueued.job == 0)
        util::log(Severity::error, Topic::process, "cannot ", to_string(type), ' ', name, ": ",
                  enqueued.refusal.text,
                  unit.loaded().state == unit::LoadState::not_found ? where_units_are() : "");
    due_.raise();
    return enqueued.job != 0;
}

/// Runs the engine after each event, and when a deadline has passed.
event::Awaitable<> Init::run_engine() {
    for (;;) {
        const bool has_more_jobs = calls_.enqueue_next();
        // After the end of the system, start no unit, not even for Restart=.
        if (!progress_.is_over()) {
            engine_.run_due();
            advance_progress();
        }
        bus_.settle();
        arm_timer();
        if (has_more_jobs)
            co_await loop_.yield();
        else
            co_await due_.wait();
    }
}

void Init::arm_timer() {
    const std::uint64_t deadline = engine_.next_deadline();
    const std::uint64_t now = system::monotonic_now();
    if (deadline == 0 || progress_.is_over())
        timer_.cancel();
    else
        timer_.start(std::chrono::microseconds(deadline > now ? deadline - now : 0));
}

void Init::advance_progress() {
    const bool is_idle = !engine_.has_jobs();
    if (is_going_down())
        notify_host_of_end();
    if (is_idle)
        host_.processes.become_idle();
    switch (progress_.advance(is_idle)) {
        case Progress::Step::none:
            return;
        case Progress::Step::report_ready:
            return report_ready();
        case Progress::Step::finish:
            loop_.spawn([this] { return finish(); });
            return;
    }
}

void Init::report_ready() {
    util::log(Severity::info, Topic::process, "all units are started");
    boot_end_ = system::now();
    files_.forget();
    system::release_memory();
    host_notifier_.send("READY=1\nSTATUS=Ready.");
    calls_.system_state_changed();
}

/// Returns whether the end of the system has begun. As in systemd, any start job for
/// shutdown.target begins the end.
bool Init::is_going_down() {
    const manager::Unit* const unit = engine_.find("shutdown.target");
    return unit
           && (manager::is_up(unit->active_state())
               || (unit->job && unit->job->type == manager::JobType::start));
}

void Init::notify_host_of_end() {
    if (!progress_.begin_to_stop())
        return;
    host_notifier_.send("STOPPING=1\nSTATUS=Shutting down.");
    calls_.system_state_changed();
}

void Init::shut_down(std::string_view why) {
    if (!progress_.begin_end())
        return;
    util::log(Severity::info, Topic::process, "stopping all units: ", why);
    notify_host_of_end();
    enqueue(exit_target, manager::JobType::start, unit::JobMode::replace_irreversibly);
}

event::Awaitable<> Init::finish() {
    co_await end_remaining_processes(loop_);
    const std::uint8_t status = exit_status();
    host_notifier_.send(concat("EXIT_STATUS=", status, "\nX_SYSTEMD_SHUTDOWN=exit"));
    co_await host_notifier_.finish(process::ExitStatus::exited(status), delivery_patience);
    // Send the pending answers before the loop stops.
    co_await loop_.yield();
    loop_.stop();
}

/// Sets the exit status of `init` if the signal is SIGABRT, which the host's watchdog sends.
/// Therefore, even an orderly end after SIGABRT counts as a failure.
void Init::note_abort(int signal) {
    const process::ExitStatus end = process::ExitStatus::killed(signal);
    if (signal == SIGABRT)
        engine_.set_exit_status(static_cast<std::uint8_t>(end.shell_status()));
}

/// Performs the action for a signal (systemd(1), SIGNALS). SIGTERM differs from systemd: it
/// requests an orderly end, as is usual for a container.
void Init::handle_signal(int signal) {
    note_abort(signal);
    if (signal == SIGCHLD) {
        if (reap())
            more_ended_.raise();
    } else if (signal == SIGTERM || signal == SIGINT || signal == SIGQUIT || signal == SIGPWR
               || signal == SIGABRT || signal == SIGKILL) {
        // The host announces its SIGKILL through the shared directory, so try to end in an orderly
        // way before the kernel kills this process.
        shut_down(process::signal_name(signal));
    } else if (signal >= SIGRTMIN + 3 && signal <= SIGRTMIN + 7) {
        shut_down(process::signal_name(signal));
    } else if (signal == SIGHUP) {
        reload_files([] {});
    } else if (signal == SIGRTMIN) {
        enqueue("default.target", manager::JobType::start, unit::JobMode::isolate);
    } else if (signal == SIGRTMIN + 24) {
        end(0);
    }
}

void Init::take(notify::Datagram& datagram, const notify::Message& message) {
    manager::Unit* const unit = host_.queries.unit_of(datagram.sender.pid);
    if (!unit) {
        util::log(Severity::debug, Topic::messages, "ignoring a message of pid ",
                  datagram.sender.pid, ": it belongs to no unit");
        return;
    }
    const std::size_t fds = datagram.fds.size();
    host_.descriptors.set_message_fds(std::move(datagram.fds));
    unit->notified(datagram.sender, message, fds);
    host_.descriptors.set_message_fds({});
    due_.raise();
}

/// Receives the messages of processes, and then reaps the processes that have ended. Returns true
/// if more processes may have ended. A later turn of the loop must reap these.
bool Init::reap() {
    port_.drain();
    return host_.reaper.reap_children();
}

/// Reaps thousands of processes in small groups, so that signals and calls are handled between the
/// groups.
event::Awaitable<> Init::reap_more() {
    for (;;) {
        co_await more_ended_.wait();
        while (reap()) {
            due_.raise();
            co_await loop_.yield();
        }
        due_.raise();
    }
}

event::Awaitable<> Init::handle_signals() {
    for (;;) {
        const auto info = co_await signals_.next();
        if (!info)
            co_return;
        handle_signal(static_cast<int>(info->ssi_signo));
        due_.raise();
    }
}

void Init::notify_host_of_target(const manager::Unit& unit, manager::ActiveState before) {
    const bool was_up = manager::is_up(before);
    const bool is_up = manager::is_up(unit.active_state());
    if (unit.type() == unit::UnitType::target && was_up != is_up)
        host_notifier_.send(
            concat(is_up ? "X_SYSTEMD_UNIT_ACTIVE=" : "X_SYSTEMD_UNIT_INACTIVE=", unit.id()));
}

std::string_view Init::system_state() const {
    if (progress_.is_stopping())
        return "stopping";
    if (progress_.is_booting()) {
        const manager::Unit* const basic = engine_.find("basic.target");
        return basic && manager::is_up(basic->active_state()) ? "starting" : "initializing";
    }
    const auto units = engine_.units();
    const bool has_failed = std::ranges::any_of(units, [](const auto* unit) {
        return unit->active_state() == manager::ActiveState::failed;
    });
    return has_failed ? "degraded" : "running";
}

void Init::end(std::uint8_t status) {
    engine_.set_exit_status(status);
    shut_down("an exit was requested");
}

void Init::plan_end(properties::PlannedEnd planned) {
    planned_end_ = std::move(planned);
    const std::uint64_t now = system::now().realtime;
    const std::uint64_t left = planned_end_.realtime > now ? planned_end_.realtime - now : 0;
    if (planned_end_.verb.empty())
        planned_end_timer_.cancel();
    else
        planned_end_timer_.start(std::chrono::microseconds(left));
}

}  // namespace notifybridge::daemon
