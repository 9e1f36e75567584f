#include "bridge/probe/health_check.hpp"

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/log.hpp"
#include "base/util/time_span.hpp"

namespace notifybridge::probe {

using util::concat;

HealthPlan::Result meaning_of(const Script::Outcome& outcome, std::chrono::microseconds timeout) {
    HealthPlan::Result result;
    result.output = outcome.words;
    if (outcome.timed_out) {
        result.output = concat("did not end within ", util::to_string(timeout),
                               outcome.words.empty() ? "" : ": ", outcome.words);
    } else if (outcome.end) {
        result.exit_status = outcome.end->shell_status();
        if (outcome.words.empty() && !outcome.end->success())
            result.output = process::describe(*outcome.end);
    }
    return result;
}

HealthCheck::HealthCheck(event::Loop& loop, process::Supervisor& supervisor,
                         const HealthSettings& settings)
    : loop_(loop),
      settings_(settings),
      plan_(settings),
      script_(loop, supervisor, settings.command),
      pause_(loop) {}

void HealthCheck::check_after(std::span<const Specification> targets, const Means& means) {
    if (targets.empty())
        return;
    targets_.emplace(loop_, Readiness::Options{.has_clients = true});
    targets_->on_ready = [this] { check_soon(); };
    for (const Specification& target : targets) {
        auto made = make_probe(target, means);
        std::visit([this](auto& probe) { targets_->add(std::move(probe)); }, made);
    }
}

void HealthCheck::start(process::Environment environment) {
    environment_ = std::move(environment);
    loop_.spawn([this] { return run(); });
    if (targets_)
        targets_->start();
}

void HealthCheck::check_soon() {
    if (is_healthy())
        return;
    plan_.success_is_likely(event::Deadline::now());
    is_wanted_soon_ = true;
    pause_.cancel();
}

void HealthCheck::stop() {
    stopped_ = true;
    if (targets_)
        targets_->stop();
    pause_.cancel();
    script_.kill();
}

event::Awaitable<> HealthCheck::run() {
    auto pause = plan_.started(event::Deadline::now()).pause;
    while (!stopped_) {
        if (pause.count() > 0 && !is_wanted_soon_)
            co_await pause_.sleep(pause);
        is_wanted_soon_ = false;
        if (stopped_)
            co_return;
        if (excused && excused()) {
            pause = settings_.interval;
            continue;
        }
        plan_.check_began(event::Deadline::now());
        const Script::Outcome outcome =
            co_await script_.run(environment_, settings_.timeout, Script::Output::first_line);
        // Check `excused` again, because the program may have been asked to end during the check.
        if (stopped_ || (!outcome.success() && excused && excused()))
            continue;
        HealthPlan::Result result = meaning_of(outcome, settings_.timeout);
        util::log(util::Severity::debug, util::Topic::process, "health check: ",
                  result.exit_status ? concat("exit status ", *result.exit_status) : "failed",
                  result.output.empty() ? "" : ": ", util::escape(result.output));
        const auto decision = plan_.check_ended(event::Deadline::now(), std::move(result));
        pause = decision.pause;
        if (is_healthy()) {
            is_wanted_soon_ = false;
            if (targets_)
                targets_->stop();
        }
        if (on_result)
            on_result(decision.change);
    }
}

}  // namespace notifybridge::probe
