#include "bridge/wrap/speaker.hpp"

#include <signal.h>

#include <algorithm>

#include "base/system/clock.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/log.hpp"
#include "base/util/number.hpp"
#include "base/util/tags.hpp"
#include "bridge/probe/listened_address.hpp"

namespace notifybridge::wrap {
namespace {

using util::concat;

constexpr std::chrono::seconds hook_limit(30);

std::string_view name_of(HookState state) {
    static constexpr std::string_view names[] = {"ready", "stopping", "dead"};
    return names[static_cast<std::size_t>(state)];
}

/// Returns whether there are probes or hooks. Usually there are none: the command sends READY=1.
bool has_part(const Speaker::Options& options) {
    return !options.ready_when.empty() || options.alive_when || options.on_ready
           || options.on_stopping || options.on_dead || options.health;
}

}  // namespace

Speaker::Speaker(event::Loop& loop, process::Supervisor& supervisor, ReadyGate& gate,
                 const Options& options, channel::ContainerStatus& status, std::string directory,
                 Whole whole)
    : loop_(loop),
      supervisor_(supervisor),
      gate_(gate),
      options_(options),
      status_(status),
      directory_(std::move(directory)),
      whole_(whole),
      plan_(options.plan()),
      readiness_(loop, options.readiness),
      ping_watch_(loop, status, whole.unit),
      reload_watch_(loop) {
    if (!options.ready_when.empty())
        gate.close();
    gate.on_message = [this](const notify::Message& message) { take(message); };
    gate.on_ready_said = [this] {
        passing_ = Passing::ready;
        tell<probe::NotifyTarget>();
        if (options_.is_health_default)
            tell<probe::HealthyTarget>();
        if (options_.is_listen_default)
            readiness_.accept();
        passing_ = Passing::nothing;
    };
    readiness_.on_ready = [this] { conditions_hold(); };
    readiness_.on_timeout = [this] {
        // A command that was asked to end is not expected to become ready.
        if (whole_.plan.was_told_to_end())
            return;
        if (tap_)
            tap_->stop_reporting();
        perform(plan_.timed_out(readiness_.waiting_for()));
    };
    readiness_.on_waiting = [this](const std::string& text) {
        perform(plan_.waiting(text, gate_.has_room()));
    };
    reload_watch_.on_result = [this](const std::string& unmet) {
        if (unmet.empty())
            perform(plan_.reload_is_over());
        else if (plan_.is_reloading())
            perform(plan_.waiting(unmet, gate_.has_room()));
    };
    readiness_.on_progress = [this] { perform(plan_.progressed(event::Deadline::now())); };
    set_hook(HookState::ready, options.on_ready);
    set_hook(HookState::stopping, options.on_stopping);
    if (!options.kills_dead())
        set_hook(HookState::dead, options.on_dead);
    if (options.health)
        make_health_check();
}

void Speaker::make_health_check() {
    health_.emplace(loop_, supervisor_, *options_.health);
    health_->excused = [this] { return is_excused(); };
    health_->on_result = [this](probe::HealthPlan::Change change) { take_health(change); };
    status_.health = health_->health();
}

void Speaker::set_hook(HookState state, const std::optional<std::string>& command) {
    if (command)
        hooks_[static_cast<std::size_t>(state)].emplace(
            loop_, supervisor_, concat("--on-", name_of(state)), *command, hook_limit);
}

probe::Means Speaker::means(std::chrono::microseconds limit, probe::Purpose purpose) {
    return {loop_,
            supervisor_,
            environment_,
            limit,
            options_.http_statuses,
            purpose,
            health_ ? &health_->health() : nullptr,
            listeners_ ? &*listeners_ : nullptr,
            options_.is_listen_default ? &listen_plan_ : nullptr};
}

void Speaker::check_sockets(std::span<const system::Fd> sockets) const {
    for (const probe::Specification& specification : options_.ready_when)
        probe::check_not_listened_on("ready-when", specification, sockets);
    if (options_.alive_when)
        probe::check_not_listened_on("alive-when", *options_.alive_when, sockets);
}

void Speaker::prepare(process::Command& command) {
    if (!has_part(options_))
        return;
    environment_ = command.environment;
    for (const char* const name :
         {"WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"})
        environment_.unset(name);
    if (options_.need_sockets()) {
        listeners_.emplace(supervisor_);
        for (const probe::Specification& specification : options_.ready_when)
            listeners_->leave_out_present(specification.target);
        if (options_.alive_when)
            listeners_->leave_out_present(options_.alive_when->target);
    }
    const probe::Means made_with = means(check_limit, probe::Purpose::readiness);
    for (const probe::Specification& specification : options_.ready_when)
        add_condition(specification, made_with);
    place_descriptors(command);
    if (logs_.empty())
        return;
    tap_.emplace(loop_);
    tap_->on_line = [this](std::string_view line) { output(line); };
    tap_->prepare(command);
}

void Speaker::add_condition(const probe::Specification& specification, const probe::Means& means) {
    auto made = probe::make_probe(specification, means);
    const auto add = [&](auto& probe) {
        keep(specification, *probe);
        readiness_.add(std::move(probe));
    };
    std::visit(add, made);
}

void Speaker::keep(const probe::Specification& specification, probe::ToldProbe& probe) {
    told_.push_back({specification.target, probe});
}

void Speaker::keep(const probe::Specification& /*specification*/, probe::DescriptorProbe& probe) {
    descriptors_.push_back(&probe);
}

void Speaker::keep(const probe::Specification& /*specification*/, probe::LogProbe& probe) {
    logs_.push_back(&probe);
}

void Speaker::place_descriptors(process::Command& command) const {
    constexpr int first_socket = 3;  // The first number is SD_LISTEN_FDS_START of sd_listen_fds(3).
    const auto sockets = util::parse_number<int>(
        command.environment.get("LISTEN_FDS").value_or(std::string_view("0")));
    for (const probe::DescriptorProbe* const descriptor : descriptors_) {
        if (descriptor->number() < first_socket + sockets.value_or(0))
            throw std::runtime_error(concat(
                "--ready-when=", descriptor->description(),
                ": the command gets a socket with this number (LISTEN_FDS); use a higher number"));
        command.placed_fds.emplace(descriptor->number(), descriptor->command_end());
    }
}

void Speaker::command_started() {
    has_started_ = true;
    for (probe::DescriptorProbe* const descriptor : descriptors_)
        descriptor->started();
    if (tap_)
        tap_->started();
    if (options_.is_listen_default)
        util::log(util::Severity::info, util::Topic::process, "the command is ready when ",
                  options_.ready_condition());
    tell<probe::StartTarget>();
    perform(plan_.started());
    if (health_)
        start_health_check();
    if (!options_.ready_when.empty())
        readiness_.start();
}

template <typename Target>
void Speaker::tell() const {
    for (const Told& told : told_)
        if (std::holds_alternative<Target>(told.target))
            told.probe.tell();
}

void Speaker::output(std::string_view line) {
    for (probe::LogProbe* const log : logs_)
        log->line(line);
    if (std::ranges::all_of(logs_, [](auto* log) { return log->look().holds; }))
        tap_->stop_reporting();
}

void Speaker::signal_passed(int signal) {
    if (signal == SIGHUP && has_started_ && !whole_.plan.was_told_to_end())
        perform(plan_.reload_asked(system::now().monotonic));
    // With a shared directory, `wait` reports this.
    const std::uint64_t last_ping = status_.state.last_watchdog.monotonic;
    if (signal == SIGABRT && directory_.empty() && last_ping != 0 && whole_.unit.watchdog())
        util::log(util::Severity::warning, util::Topic::process,
                  "SIGABRT arrived, which systemd sends if WATCHDOG=1 is late; ",
                  channel::say_last_ping(last_ping, system::now().monotonic), ' ', tags::late_ping);
}

/// Checks the conditions of readiness again. Leaves out conditions that are only met once, such as
/// a line in the log.
void Speaker::watch_reload() {
    const probe::Means made_with = means(check_limit, probe::Purpose::readiness);
    if (reload_watch_.is_empty())
        for (const probe::Specification& specification : options_.ready_when) {
            auto made = probe::make_probe(specification, made_with);
            const bool is_of_health =
                std::holds_alternative<probe::HealthyTarget>(specification.target);
            if (auto* const probe = std::get_if<std::unique_ptr<probe::Probe>>(&made))
                reload_watch_.add(std::move(*probe));
            else if (is_of_health)
                reload_watch_.add(std::move(std::get<std::unique_ptr<probe::ToldProbe>>(made)));
        }
    reload_watch_.start(options_.readiness.interval);
}

void Speaker::follow_size() {
    if (tap_)
        tap_->follow_size();
}

/// Starts the health check with the environment that `podman exec` would use. Removes the variables
/// that are only for the command.
void Speaker::start_health_check() {
    process::Environment environment = environment_;
    for (const char* const name : {"NOTIFY_SOCKET", "FDSTORE"})
        environment.unset(name);
    health_->check_after(options_.targets, means(check_limit, probe::Purpose::readiness));
    health_->start(std::move(environment));
}

void Speaker::take_health(probe::HealthPlan::Change change) {
    using Change = probe::HealthPlan::Change;
    const bool has_news = status_.health != health_->health();
    status_.health = health_->health();
    if (change == Change::unhealthy)
        report_change(health_changes_,
                      plan_.became_unhealthy(util::escape(status_.health->output)));
    if (change == Change::healthy)
        report_change(health_changes_, plan_.became_healthy());
    if (liveness_ && change != Change::none)
        liveness_->check_now();
    readiness_.look();
    // Makes the outlet behind the gate write container-status.
    if (has_news)
        gate_.settle();
}

void Speaker::take(const notify::Message& message) {
    command_pings_ = command_pings_ || message.has("WATCHDOG=1");
    if (message.value(notify::Key::watchdog_usec))
        watchdog_changed();
    passing_ = Passing::message;
    listen_plan_.app_spoke();
    perform(plan_.heard(message));
    for (const Told& told : told_)
        if (const auto* const systemd = std::get_if<probe::SystemdTarget>(&told.target))
            if (message.has(concat("X_SYSTEMD_UNIT_ACTIVE=", systemd->unit)))
                told.probe.tell();
    passing_ = Passing::nothing;
}

void Speaker::conditions_hold() {
    if (passing_ == Passing::ready) {
        perform(plan_.own_ready_is_last());
        return;
    }
    // Take the queued messages while the gate is closed. If one of them is the command's READY=1,
    // the READY=1 of `wrap` replaces it.
    if (passing_ == Passing::nothing)
        whole_.events.happens(MessagesDue());
    perform(plan_.conditions_hold());
}

void Speaker::run_hook(HookState state) {
    auto& hook = hooks_[static_cast<std::size_t>(state)];
    if (!hook)
        return;
    process::Environment environment = environment_;
    environment.set("NOTIFYBRIDGE_STATE", name_of(state));
    const auto text = status_.state.facts.find(notify::Key::status);
    environment.set("NOTIFYBRIDGE_STATUS",
                    text == status_.state.facts.end() ? std::string() : text->second);
    environment.set("NOTIFYBRIDGE_SHARED_DIR", directory_);
    hook->run(std::move(environment));
}

/// Performs the actions for a change of a state, but omits their log lines if the state changes too
/// often.
void Speaker::report_change(ChangeLimit& limit, SpeakingPlan::Actions actions) {
    if (actions.empty())
        return;
    const auto suffix = limit.changed(event::Deadline::now());
    for (SpeakingPlan::Action& action : actions)
        if (action.kind == SpeakingPlan::Action::Kind::log && suffix)
            action.texts.front() += *suffix;
    if (!suffix)
        std::erase_if(actions, [](const SpeakingPlan::Action& action) {
            return action.kind == SpeakingPlan::Action::Kind::log;
        });
    perform(actions);
}

void Speaker::perform(const SpeakingPlan::Actions& actions) {
    for (const SpeakingPlan::Action& action : actions)
        perform(action);
}

void Speaker::perform(const SpeakingPlan::Action& action) {
    using Kind = SpeakingPlan::Action::Kind;
    switch (action.kind) {
        case Kind::log:
            util::log(action.severity, util::Topic::process, action.texts.front());
            break;
        case Kind::say:
            gate_.say(action.texts);
            break;
        case Kind::open_gate:
            gate_.open();
            break;
        case Kind::run_hook:
            if (action.hook != HookState::ready || !whole_.plan.was_told_to_end())
                run_hook(action.hook);
            break;
        case Kind::watch_life:
            whole_.events.happens(CommandReady());
            is_ready_ = true;
            if (may_watch_life())
                start_liveness();
            if (!liveness_)
                ping_watch_.begin();
            break;
        case Kind::watch_reload:
            watch_reload();
            break;
        case Kind::end_command:
            whole_.events.happens(EndWanted{action.signal});
            break;
    }
}

process::ExitStatus Speaker::command_ended(process::ExitStatus end) {
    if (health_)
        health_->stop();
    if (liveness_)
        liveness_->stop();
    ping_watch_.stop();
    reload_watch_.stop();
    if (!has_started_)
        return end;
    if (tap_)
        tap_->command_ended();
    if (end.success())
        tell<probe::ExitTarget>();
    if (!options_.ready_when.empty())
        readiness_.look();
    perform(plan_.ended(end, was_told_to_quit(), readiness_.waiting_for()));
    readiness_.stop();
    return plan_.end();
}

event::Awaitable<> Speaker::finish(std::chrono::microseconds patience) {
    for (std::optional<probe::Hook>& hook : hooks_) {
        if (!hook)
            continue;
        hook->hurry(patience);
        co_await hook->finished();
    }
}

event::Awaitable<> Speaker::pass_output_on() {
    if (tap_)
        co_await tap_->finish();
}

void Speaker::hurry_output(std::chrono::microseconds patience) {
    if (tap_)
        tap_->hurry(patience);
}

}  // namespace notifybridge::wrap
