#include "wrap_probes.hpp"

#include <algorithm>

#include "base/system/clock.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/log.hpp"
#include "base/util/number.hpp"
#include "base/util/time_span.hpp"

namespace notifybridge {
namespace {

using util::concat;
using util::Severity;
using util::Topic;

constexpr std::chrono::seconds check_limit(5);
constexpr std::chrono::seconds hook_limit(30);
/// More time is asked for no more often, however often something changes.
constexpr std::chrono::milliseconds extension_interval(100);

constexpr std::string_view kill_word = "kill";

}  // namespace

WrapProbes::WrapProbes(event::Loop& loop, process::Supervisor& supervisor, wrap::ReadyGate& gate,
                       const ProbeSettings& settings, const channel::ContainerStatus& status,
                       std::string directory)
    : loop_(loop),
      supervisor_(supervisor),
      gate_(gate),
      settings_(settings),
      status_(status),
      directory_(std::move(directory)),
      readiness_(loop, settings.readiness) {
    own_ready_counts_ = settings.ready_when.empty();
    if (!own_ready_counts_)
        gate.close();
    gate.on_message = [this](const notify::Message& message) {
        heeding_ = true;
        heed(message);
        heeding_ = false;
    };
    gate.on_ready_said = [this] {
        ready_is_passing_ = true;
        tell<probe::NotifyTarget>();
        ready_is_passing_ = false;
    };
    readiness_.on_ready = [this] {
        // The command's own READY=1 is the last that was waited for, and says it for all of them.
        if (ready_is_passing_) {
            gate_.open();
            own_ready_counts_ = true;
            return;
        }
        // A READY=1 that was said before this is one of those that ours stands for.
        if (!heeding_)
            take_messages();
        became_ready(/*is_said=*/false);
    };
    readiness_.on_timeout = [this] { give_up(); };
    readiness_.on_waiting = [this](const std::string& text) { say_waiting(text); };
    readiness_.on_progress = [this] { say_progress(); };
    if (settings.on_ready)
        on_ready_.emplace(loop, supervisor, "--on-ready", *settings.on_ready, hook_limit);
    if (settings.on_stopping)
        on_stopping_.emplace(loop, supervisor, "--on-stopping", *settings.on_stopping, hook_limit);
    if (settings.on_dead && *settings.on_dead != kill_word)
        on_dead_.emplace(loop, supervisor, "--on-dead", *settings.on_dead, hook_limit);
}

probe::Means WrapProbes::means(std::chrono::microseconds limit) const {
    return {loop_, supervisor_, environment_, limit, settings_.http_statuses};
}

void WrapProbes::prepare(process::Command& command) {
    environment_ = command.environment;
    for (const char* const name :
         {"WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"})
        environment_.unset(name);
    const probe::Means made_with = means(check_limit);
    for (const probe::Specification& specification : settings_.ready_when)
        add_condition(specification, made_with);
    place_descriptors(command);
    if (logs_.empty())
        return;
    tap_.emplace(loop_);
    tap_->on_line = [this](std::string_view line) { output(line); };
    tap_->prepare(command);
}

void WrapProbes::add_condition(const probe::Specification& specification,
                               const probe::Means& means) {
    auto made = probe::make_probe(specification, means);
    if (auto* const told = dynamic_cast<probe::ToldProbe*>(made.get()))
        told_.push_back({specification.target, *told});
    if (auto* const descriptor = dynamic_cast<probe::DescriptorProbe*>(made.get()))
        descriptors_.push_back(descriptor);
    if (auto* const log = dynamic_cast<probe::LogProbe*>(made.get()))
        logs_.push_back(log);
    readiness_.add(std::move(made));
}

void WrapProbes::place_descriptors(process::Command& command) const {
    constexpr int first_socket = 3;  // SD_LISTEN_FDS_START of sd_listen_fds(3).
    const auto sockets = util::parse_number<int>(
        command.environment.get("LISTEN_FDS").value_or(std::string_view("0")));
    for (const probe::DescriptorProbe* const descriptor : descriptors_) {
        if (descriptor->number() < first_socket + sockets.value_or(0))
            throw std::runtime_error(concat("--ready-when=", descriptor->description(),
                                            ": the command gets a socket by this number "
                                            "(LISTEN_FDS); take a higher one"));
        command.placed_fds.emplace(descriptor->number(), descriptor->command_end());
    }
}

void WrapProbes::command_started(pid_t pid) {
    started_ = true;
    for (probe::DescriptorProbe* const descriptor : descriptors_)
        descriptor->started(pid);
    if (tap_)
        tap_->started();
    tell<probe::StartTarget>();
    if (!settings_.ready_when.empty())
        readiness_.start();
}

template <typename Target>
void WrapProbes::tell() const {
    for (const Told& told : told_)
        if (std::holds_alternative<Target>(told.target))
            told.probe.tell();
}

void WrapProbes::output(std::string_view line) {
    for (probe::LogProbe* const log : logs_)
        log->line(line);
    if (std::all_of(logs_.begin(), logs_.end(), [](auto* log) { return log->look().holds; }))
        tap_->stop_looking();
}

void WrapProbes::follow_size() {
    if (tap_)
        tap_->follow_size();
}

void WrapProbes::heed(const notify::Message& message) {
    if (const auto text = message.value(notify::Key::status))
        own_status_ = *text;
    for (const Told& told : told_)
        if (const auto* const systemd = std::get_if<probe::SystemdTarget>(&told.target))
            if (message.has(concat("X_SYSTEMD_UNIT_ACTIVE=", systemd->unit)))
                told.probe.tell();
    if (message.has("READY=1") && own_ready_counts_)
        became_ready(/*is_said=*/true);
    if (message.has("STOPPING=1"))
        run_hook(on_stopping_, "stopping");
}

/// What the command says of itself is worth more than what we could say.
void WrapProbes::say_waiting(const std::string& text) {
    util::log(Severity::info, Topic::process, "Still ", text);
    if (own_status_ || !gate_.has_room())
        return;
    said_waiting_ = true;
    gate_.say({concat("STATUS=", text)});
}

void WrapProbes::say_progress() {
    const std::uint64_t now = system::now().monotonic;
    const auto pause =
        static_cast<std::uint64_t>(std::chrono::microseconds(extension_interval).count());
    if (!settings_.ready_extend || (extended_usec_ != 0 && now - extended_usec_ < pause))
        return;
    extended_usec_ = now;
    gate_.say({concat("EXTEND_TIMEOUT_USEC=", settings_.ready_extend->count())});
}

void WrapProbes::give_up() {
    timed_out_ = true;
    if (tap_)
        tap_->stop_looking();
    const std::string text =
        concat("not ready within ", util::to_string(settings_.readiness.timeout),
               " (--ready-timeout): ", readiness_.waiting_for());
    util::log(Severity::error, Topic::process, text);
    gate_.say({concat("STATUS=", text)});
    on_end_wanted(SIGTERM);
}

void WrapProbes::became_ready(bool is_said) {
    if (std::exchange(ready_, true))
        return;
    if (!settings_.ready_when.empty()) {
        util::log(Severity::info, Topic::process, "The command is ready");
        gate_.open();
        say_ready(is_said);
    }
    run_hook(on_ready_, "ready");
    if (settings_.alive_when)
        start_liveness();
}

void WrapProbes::say_ready(bool is_said) {
    std::vector<std::string> assignments;
    if (!is_said)
        assignments.emplace_back("READY=1");
    if (settings_.ready_status)
        assignments.push_back(concat("STATUS=", *settings_.ready_status));
    else if (said_waiting_ && !own_status_)
        assignments.emplace_back("STATUS=");
    if (!assignments.empty())
        gate_.say(assignments);
}

void WrapProbes::start_liveness() {
    probe::Liveness::Options options = settings_.liveness;
    const auto patience = watchdog();
    // A check that takes longer than there is until the next one is of no use.
    const auto period = patience ? *patience / probe::Liveness::checks_per_watchdog
                                 : options.interval.value_or(probe::Liveness::default_interval);
    auto asked = probe::make_probe(*settings_.alive_when,
                                   means(std::min<std::chrono::microseconds>(period, check_limit)));
    if (auto* const process = dynamic_cast<probe::ToldProbe*>(asked.get()))
        process->tell();
    liveness_.emplace(loop_, std::move(asked), options);
    liveness_->watchdog = watchdog;
    // One that ends may take its time, and answers nobody.
    liveness_->excused = [this] {
        return status_.state.phase == notify::Phase::stopping || told_to_end();
    };
    liveness_->on_alive = [this] {
        if (watchdog() && gate_.has_room())
            gate_.say({"WATCHDOG=1"});
    };
    liveness_->on_dead = [this](const std::string& text) { say_dead(text); };
    liveness_->on_revival = [this] {
        util::log(Severity::notice, Topic::process, "The command is alive again");
        gate_.say({concat("STATUS=", own_status_.value_or(settings_.ready_status.value_or("")))});
    };
    liveness_->start();
}

void WrapProbes::say_dead(const std::string& text) {
    util::log(Severity::error, Topic::process, text);
    gate_.say({concat("STATUS=", text)});
    run_hook(on_dead_, "dead");
    if (settings_.on_dead == kill_word)
        on_end_wanted(SIGKILL);
}

void WrapProbes::run_hook(std::optional<probe::Hook>& hook, std::string_view state) const {
    if (!hook)
        return;
    process::Environment environment = environment_;
    environment.set("NOTIFYBRIDGE_STATE", state);
    const auto text = status_.state.facts.find(notify::Key::status);
    environment.set("NOTIFYBRIDGE_STATUS",
                    text == status_.state.facts.end() ? std::string() : text->second);
    environment.set("NOTIFYBRIDGE_SHARED_DIR", directory_);
    hook->run(std::move(environment));
}

process::ExitStatus WrapProbes::command_ended(process::ExitStatus end) {
    if (liveness_)
        liveness_->stop();
    if (!started_)
        return end;
    if (tap_)
        tap_->command_ended();
    if (end.success())
        tell<probe::ExitTarget>();
    if (!settings_.ready_when.empty()) {
        readiness_.look();
        if (!ready_)
            end = ended_early(end);
        readiness_.stop();
    }
    run_hook(on_stopping_, "stopping");
    return end;
}

process::ExitStatus WrapProbes::ended_early(process::ExitStatus end) {
    if (timed_out_)
        return process::ExitStatus::exited(process::status_timed_out);
    if (told_to_end())
        return end;
    const std::string text = concat("ended before it was ready: ", process::describe(end), ", ",
                                    readiness_.waiting_for());
    util::log(Severity::error, Topic::process, "the command ", text);
    gate_.say({concat("STATUS=", text)});
    return end.success() ? process::ExitStatus::exited(1) : end;
}

event::Awaitable<> WrapProbes::finish(std::chrono::microseconds patience) {
    for (auto* const hook : {&on_ready_, &on_stopping_, &on_dead_}) {
        if (!*hook)
            continue;
        (*hook)->hurry(patience);
        co_await (*hook)->finished();
    }
}

event::Awaitable<> WrapProbes::pass_output_on() {
    if (tap_)
        co_await tap_->finish();
}

void WrapProbes::hurry_output(std::chrono::microseconds patience) {
    if (tap_)
        tap_->hurry(patience);
}

}  // namespace notifybridge
