#include <algorithm>

#include "bridge/wrap/speaker.hpp"

/// What the speaker does for the watchdog.
namespace notifybridge::wrap {

/// Returns whether the probe of liveness may be used. By default, published ports do not replace
/// the pings of a command that notifies, and are only checked for a watchdog.
bool Speaker::may_watch_life() const {
    if (!options_.alive_when || !is_ready_ || liveness_)
        return false;
    return !options_.is_listen_default
           || (listen_plan_.is_ready() && (shortest_watchdog() || pings_in_any_case));
}

void Speaker::start_liveness() {
    probe::Liveness::Options options = options_.liveness;
    const bool is_by_health =
        std::holds_alternative<probe::HealthyTarget>(options_.alive_when->target);
    // If the watchdog's time is not known, the pings are as frequent as the health checks.
    if (is_by_health && options_.health)
        options.usual_interval = std::min(options.usual_interval, options_.health->interval);
    const auto patience = shortest_watchdog();
    // A check must not take longer than the pause until the next check. A watchdog that is
    // shortened later does not shorten the checks.
    const auto period = patience ? *patience / probe::Liveness::checks_per_watchdog
                                 : options.interval.value_or(options.usual_interval);
    auto made = probe::make_probe(
        *options_.alive_when,
        means(std::min<std::chrono::microseconds>(period, check_limit), probe::Purpose::liveness));
    const auto start = [&](auto& probe) { liveness_.emplace(loop_, std::move(probe), options); };
    std::visit(start, made);
    liveness_->watchdog = [this] { return shortest_watchdog(); };
    liveness_->excused = [this] { return is_excused(); };
    liveness_->on_alive = [this] { ping(); };
    // If the health check is the probe, the change of health was already reported.
    liveness_->on_dead = [this, is_by_health](const std::string& text) {
        if (is_by_health)
            perform(plan_.died());
        else
            report_change(life_changes_, plan_.found_dead(text));
    };
    if (!is_by_health)
        liveness_->on_revival = [this] { report_change(life_changes_, plan_.found_alive_again()); };
    liveness_->start();
}

/// Returns the period of the watchdog, or that of the app (WATCHDOG_USEC) if it is shorter. A
/// policy may keep the app's period from systemd, so the unit's period counts in any case.
std::optional<std::chrono::microseconds> Speaker::shortest_watchdog() const {
    // A shorter time would flood systemd.
    constexpr std::chrono::microseconds shortest_of_app = std::chrono::milliseconds(100);
    const auto unit = whole_.unit.watchdog();
    auto app = ping_watch_.period();
    if (app && app != unit)
        app = std::max(*app, shortest_of_app);
    return unit && app ? std::min(*unit, *app) : unit ? unit : app;
}

/// Returns whether failed checks are ignored, because a command that is ending need not answer.
bool Speaker::is_excused() const {
    return status_.state.phase == notify::Phase::stopping || was_told_to_quit();
}

void Speaker::ping() {
    const bool is_left_to_command = options_.leaves_pings_to_command() && command_pings_;
    if (!is_left_to_command && (shortest_watchdog() || pings_in_any_case) && gate_.has_room())
        gate_.say({"WATCHDOG=1"});
}

void Speaker::watchdog_changed() {
    if (liveness_)
        liveness_->watchdog_changed();
    if (may_watch_life())
        start_liveness();
    ping_watch_.watchdog_changed();
}

}  // namespace notifybridge::wrap
