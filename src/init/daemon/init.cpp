#include "init/daemon/init.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/process/supervisor.hpp"
#include "base/system/limits.hpp"
#include "base/system/memory.hpp"
#include "base/util/concat.hpp"
#include "base/util/log.hpp"
#include "bridge/channel/run_id.hpp"
#include "init/daemon/make_unit.hpp"
#include "init/daemon/run_directory.hpp"
#include "init/daemon/sysctl.hpp"
#include "init/facts/facts.hpp"
#include "init/facts/machine_id.hpp"
#include "init/unit/environment.hpp"

namespace notifybridge::daemon {
namespace {

using util::concat;
using util::Severity;
using util::Topic;

/// What is orderly about an end: this target conflicts with all units that have default
/// dependencies (systemd.special(7)).
constexpr std::string_view exit_target = "exit.target";
/// How long processes may take that belong to no unit any more, after SIGTERM.
constexpr std::chrono::seconds leftover_patience(10);
constexpr std::chrono::seconds delivery_patience(5);

/// Only as PID 1 the machine is ours.
void set_up_machine_id() {
    if (::getpid() != 1)
        return;
    facts::MachineId machine;
    if (const char* const id = std::getenv("container_uuid"))
        machine.container_uuid = id;
    machine.set_up();
}

/// Each service that runs costs a few descriptors and may have something to say: before there are
/// any of ours, we have room for that.
Init::Settings with_room(Init::Settings settings) {
    system::raise_open_files_limit();
    make_room_for_messages();
    return settings;
}

/// With a root of its own, the manager's directories are below that: as those of the system, also
/// where we run as another user than root.
unit::Facts facts_below(const std::string& root) {
    if (root.empty())
        set_up_machine_id();
    unit::Facts facts = facts::gather_facts();
    if (root.empty())
        return facts;
    const unit::Facts of_system;
    for (std::string unit::Facts::*const directory :
         {&unit::Facts::runtime_directory, &unit::Facts::state_directory,
          &unit::Facts::cache_directory, &unit::Facts::logs_directory,
          &unit::Facts::configuration_directory})
        facts.*directory = concat(root, of_system.*directory);
    return facts;
}

unit::UnitName name_of(std::string_view text) {
    const auto name = unit::UnitName::parse(text);
    if (!name)
        throw std::runtime_error(concat(text, " is no unit's name: NAME.target is expected"));
    return *name;
}

}  // namespace

Init::Init(Settings settings)
    : settings_(with_room(std::move(settings))),
      signals_(loop_),
      files_(settings_.root, settings_.unit_path, facts_below(settings_.root)),
      claim_(claim_run_directory(files_.facts().runtime_directory)),
      upward_(loop_, settings_.upward),
      world_(loop_, files_.facts(), make_notify_path(files_.facts().runtime_directory)),
      own_environment_(world_.environment()),
      engine_(
          world_.performer(), [this](const unit::UnitName& name) { return files_.load(name); },
          make_unit),
      calls_(engine_, *this),
      due_(loop_),
      more_ended_(loop_),
      timer_(loop_) {
    world_.attach(engine_);
    timer_.on_expired = [this] { due_.raise(); };
    world_.on_events = [this] { due_.raise(); };
    world_.on_end = [this](std::uint8_t status) {
        tell_of_end();
        wanted_status_ = status;
        phase_ = Phase::ending;
        due_.raise();
    };
    engine_.make_invocation_id = [] { return channel::to_string(channel::make_run_id()); };
    engine_.on_job_end = [this](const manager::Job& job, manager::JobResult result) {
        calls_.job_ended(job, result);
    };
    engine_.on_change = [this](manager::Unit& unit, manager::ActiveState before) {
        calls_.unit_changed(unit);
        tell_of_target(unit, before);
    };
    upward_.on_signal = [this](int signal) {
        heed(signal);
        due_.raise();
    };
}

Init::~Init() {
    // Who asks for the end twice would end us by the signal, without the exit status.
    signals_.stay_blocked();
}

int Init::run() {
    // Where processes begin, too, that have no directory of their own.
    static_cast<void>(::chdir("/"));
    // What is outside of a root of its own is another's.
    if (files_.root().empty())
        pretend_to_be_booted();
    server_.emplace(loop_, open_run_directory(files_.facts().runtime_directory),
                    [this](const auto& call) {
                        calls_.take(call);
                        due_.raise();
                    });
    loop_.spawn([this] { return server_->run(); });
    world_.start();
    loop_.spawn([this] { return heed_signals(); });
    loop_.spawn([this] { return reap_more(); });
    upward_.start();
    if (!boot())
        return 1;
    loop_.spawn([this] { return run_engine(); });
    loop_.run();
    return wanted_status_.value_or(engine_.exit_status());
}

bool Init::boot() {
    upward_.say(concat("STATUS=Starting ", settings_.unit));
    upward_.say("X_SYSTEMD_SIGNALS_LEVEL=2");
    manager::Unit& target = engine_.unit(name_of(settings_.unit));
    const bool isolates = target.settings().unit.allow_isolate;
    return enqueue(settings_.unit, manager::JobType::start,
                   isolates ? unit::JobMode::isolate : unit::JobMode::replace);
}

bool Init::enqueue(std::string_view name, manager::JobType type, unit::JobMode mode) {
    const auto enqueued = engine_.enqueue(type, engine_.unit(name_of(name)), mode);
    if (enqueued.job == 0)
        util::log(Severity::error, Topic::process, "cannot ", to_string(type), ' ', name, ": ",
                  enqueued.refusal.text);
    due_.raise();
    return enqueued.job != 0;
}

/// Runs what is due, after each event and when a deadline has come.
event::Awaitable<> Init::run_engine() {
    for (;;) {
        const bool goes_on = calls_.go_on();
        engine_.run_due();
        look_at_progress();
        arm_timer();
        if (goes_on)
            co_await loop_.yield();
        else
            co_await due_.wait();
    }
}

void Init::arm_timer() {
    const std::uint64_t deadline = engine_.next_deadline();
    const std::uint64_t now = system::now().monotonic;
    if (deadline == 0)
        timer_.cancel();
    else
        timer_.start(std::chrono::microseconds(deadline > now ? deadline - now : 0));
}

void Init::look_at_progress() {
    const bool is_idle = engine_.jobs().empty();
    if (is_going_down())
        tell_of_end();
    if (is_idle)
        world_.become_idle();
    if (phase_ == Phase::booting && is_idle) {
        phase_ = Phase::running;
        util::log(Severity::info, Topic::process, "All is started");
        files_.forget();
        system::give_back_memory();
        upward_.say("READY=1\nSTATUS=Ready.");
        calls_.system_state_changed();
    }
    if (phase_ == Phase::ending && (is_idle || wanted_status_)) {
        phase_ = Phase::over;
        loop_.spawn([this] { return finish(); });
    }
}

/// As systemd has it: whoever asked for the end, it begins with a job for shutdown.target.
bool Init::is_going_down() {
    const manager::Unit* const unit = engine_.find("shutdown.target");
    return unit
           && (manager::is_up(unit->active_state())
               || (unit->job && unit->job->type == manager::JobType::start));
}

void Init::tell_of_end() {
    if (std::exchange(is_stopping_, true))
        return;
    upward_.say("STOPPING=1\nSTATUS=Shutting down.");
    calls_.system_state_changed();
}

void Init::shut_down(std::string_view why) {
    if (phase_ == Phase::ending || phase_ == Phase::over)
        return;
    phase_ = Phase::ending;
    util::log(Severity::info, Topic::process, "Stopping all units: ", why);
    tell_of_end();
    enqueue(exit_target, manager::JobType::start, unit::JobMode::replace_irreversibly);
}

event::Awaitable<> Init::finish() {
    world_.signal_leftovers(SIGTERM);
    const bool are_gone = co_await world_.await_leftovers(leftover_patience);
    if (!are_gone)
        world_.signal_leftovers(SIGKILL);
    const std::uint8_t status = wanted_status_.value_or(engine_.exit_status());
    upward_.say(concat("EXIT_STATUS=", status, "\nX_SYSTEMD_SHUTDOWN=exit"));
    co_await upward_.finish(process::ExitStatus::exited(status), delivery_patience);
    // Answers that are on their way go first.
    co_await loop_.yield();
    loop_.stop();
}

/// What a watchdog of the host ends us by is orderly, and yet no success.
void Init::note_abort(int signal) {
    const process::ExitStatus end = process::ExitStatus::killed(signal);
    if (signal == SIGABRT)
        engine_.set_exit_status(static_cast<std::uint8_t>(end.shell_status()));
}

/// systemd(1), SIGNALS; but SIGTERM is an orderly end, as it is for a container.
void Init::heed(int signal) {
    note_abort(signal);
    if (signal == SIGCHLD) {
        if (world_.reap())
            more_ended_.raise();
    } else if (signal == SIGTERM || signal == SIGINT || signal == SIGQUIT || signal == SIGPWR
               || signal == SIGABRT || signal == SIGKILL) {
        // SIGKILL is the host's word through the shared directory, before it kills us itself.
        shut_down(process::signal_name(signal));
    } else if (signal >= SIGRTMIN + 3 && signal <= SIGRTMIN + 7) {
        shut_down(process::signal_name(signal));
    } else if (signal == SIGHUP) {
        reload_files();
    } else if (signal == SIGRTMIN) {
        enqueue("default.target", manager::JobType::start, unit::JobMode::isolate);
    } else if (signal == SIGRTMIN + 24) {
        end(0);
    }
}

/// What ends by the thousand is reaped a few at a time: signals and calls are heeded in between.
event::Awaitable<> Init::reap_more() {
    for (;;) {
        co_await more_ended_.wait();
        while (world_.reap()) {
            due_.raise();
            co_await loop_.yield();
        }
        due_.raise();
    }
}

event::Awaitable<> Init::heed_signals() {
    for (;;) {
        const auto info = co_await signals_.next();
        if (!info)
            co_return;
        heed(static_cast<int>(info->ssi_signo));
        due_.raise();
    }
}

void Init::tell_of_target(const manager::Unit& unit, manager::ActiveState before) {
    const bool was_up = manager::is_up(before);
    const bool is_up = manager::is_up(unit.active_state());
    if (unit.type() == unit::UnitType::target && was_up != is_up)
        upward_.say(
            concat(is_up ? "X_SYSTEMD_UNIT_ACTIVE=" : "X_SYSTEMD_UNIT_INACTIVE=", unit.id()));
}

std::string_view Init::system_state() const {
    if (is_stopping_)
        return "stopping";
    if (phase_ == Phase::booting) {
        const manager::Unit* const basic = engine_.find("basic.target");
        return basic && manager::is_up(basic->active_state()) ? "starting" : "initializing";
    }
    const auto units = engine_.units();
    const bool has_failed = std::any_of(units.begin(), units.end(), [](const auto* unit) {
        return unit->active_state() == manager::ActiveState::failed;
    });
    return has_failed ? "degraded" : "running";
}

std::vector<std::string> Init::environment() {
    return world_.environment();
}

void Init::set_environment(const std::vector<std::string>& assignments) {
    unit::Environment changed = world_.environment();
    for (const std::string& assignment : assignments)
        unit::set_variable(changed, assignment);
    order_environment(std::move(changed));
}

void Init::unset_environment(const std::vector<std::string>& names) {
    unit::Environment changed = world_.environment();
    for (const std::string& name : names)
        unit::unset_variable(changed, name);
    order_environment(std::move(changed));
}

void Init::order_environment(unit::Environment changed) {
    std::sort(changed.begin(), changed.end());
    world_.environment() = own_environment_;
    for (std::string& assignment : changed)
        unit::set_variable(world_.environment(), std::move(assignment));
}

std::vector<std::string> Init::log(const manager::Unit& unit, std::size_t lines) {
    return world_.log(unit, lines);
}

std::string Init::unit_file_state(const manager::Unit& unit) {
    return unit.loaded().fragment_path.empty() ? std::string() : files_.state_of(unit.id());
}

std::string Init::unit_file_preset(const manager::Unit& unit) {
    return files_.preset_of(unit.loaded().fragment_path);
}

const manager::Unit* Init::unit_of(pid_t pid) {
    return world_.unit_of(pid);
}

std::vector<pid_t> Init::processes_of(const manager::Unit& unit) {
    return world_.processes_of(unit);
}

execute::GroupUsage Init::usage_of(const manager::Unit& unit) {
    return world_.usage_of(unit);
}

std::vector<std::string> Init::unit_path() const {
    return files_.directories();
}

bool Init::files_have_changed(const manager::Unit& unit) {
    return files_.have_changed(unit.loaded());
}

unsigned Init::stored_fds(const manager::Unit& unit) {
    return world_.performer().stored_fds(unit);
}

void Init::reload_files() {
    // Who is not ready yet, or not any more, is not so after a reload either.
    const bool is_ready = phase_ == Phase::running && !is_stopping_;
    if (is_ready)
        upward_.say(concat("RELOADING=1\nMONOTONIC_USEC=", system::now().monotonic));
    files_.look_again();
    engine_.reload_files();
    if (is_ready)
        upward_.say("READY=1");
}

void Init::end(std::uint8_t status) {
    engine_.set_exit_status(status);
    shut_down("it was asked for");
}

std::string Init::kill(manager::Unit& unit, manager::KillWhom whom, int signal) {
    return world_.kill_by_hand(unit, whom, signal);
}

}  // namespace notifybridge::daemon
