#include "bridge/probe/liveness.hpp"

#include <algorithm>

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "bridge/channel/health.hpp"

namespace notifybridge::probe {

Liveness::Liveness(event::Loop& loop, std::unique_ptr<Probe> probe, Options options)
    : loop_(loop), probe_(std::move(probe)), options_(options), pause_(loop) {}

std::chrono::microseconds Liveness::period() const {
    const auto patience = watchdog ? watchdog() : std::nullopt;
    if (!patience)
        return options_.interval.value_or(options_.usual_interval);
    const auto third = std::max(*patience / checks_per_watchdog, std::chrono::microseconds(1));
    return std::min(third, options_.interval.value_or(third));
}

void Liveness::start() {
    loop_.spawn([this] { return run(); });
}

void Liveness::stop() {
    stopped_ = true;
    pause_.cancel();
}

void Liveness::watchdog_changed() {
    if (period() < pause_period_)
        pause_.cancel();
}

event::Awaitable<> Liveness::run() {
    using Clock = std::chrono::steady_clock;
    auto next = Clock::now();
    while (!stopped_) {
        const std::optional<Finding> finding = co_await check();
        if (stopped_)
            co_return;
        if (finding)
            count(*finding);
        if (failed_ < options_.failures && on_alive)
            on_alive();
        // If the check took longer than the period, the next check starts at once.
        pause_period_ = period();
        next = std::max(next + pause_period_, Clock::now());
        const bool is_due = co_await pause_.sleep(
            std::chrono::duration_cast<std::chrono::microseconds>(next - Clock::now()));
        if (!is_due)
            next = Clock::now();
    }
}

/// Runs a check. Returns nullopt if failures do not count now.
event::Awaitable<std::optional<Finding>> Liveness::check() {
    if (is_excused())
        co_return std::nullopt;
    Finding finding = co_await probe_->check();
    // Check the excuse again, because the program may have been asked to end during the check.
    if (!finding.holds && is_excused())
        co_return std::nullopt;
    co_return finding;
}

void Liveness::count(const Finding& finding) {
    const bool was_dead = failed_ >= options_.failures;
    failed_ = finding.holds ? 0 : std::min(failed_ + 1, options_.failures);
    const bool is_dead = failed_ >= options_.failures;
    if (!is_dead && was_dead && on_revival)
        on_revival();
    if (is_dead && !was_dead && on_dead)
        on_dead(util::concat(channel::not_alive, util::escape(probe_->description()), ": ",
                             util::escape(finding.reason)));
}

}  // namespace notifybridge::probe
