#include "init/rules/unit_types/timer.hpp"

#include "base/util/concat.hpp"
#include "init/files/directive/property_text.hpp"
#include "init/rules/manager/engine.hpp"

namespace notifybridge::unit_types {

using util::concat;

Timer::Timer(manager::Engine& engine, Timers& timers, load::LoadedUnit loaded)
    : Trigger(engine, std::move(loaded)), timers_(timers), rules_(timer().rules.size()) {}

void Timer::set_state(State state) {
    const manager::ActiveState before = active_state();
    if (state != State::waiting) {
        timers_.cancel(*this);
        next_monotonic_ = next_realtime_ = never;
    }
    state_ = state;
    changed(before);
}

/// Allows rules that have elapsed to elapse again, if `has_base` returns true for the base of the
/// rule.
void Timer::allow_again(bool (*has_base)(unit::TimerBase)) {
    for (std::size_t at = 0; at < rules_.size(); ++at)
        if (has_base(timer().rules[at].base))
            rules_[at].is_spent = false;
}

manager::Verdict Timer::start() {
    if (!can_start_its_unit())
        return manager::Verdict::failed;
    last_trigger_ = {};
    allow_again([](unit::TimerBase base) { return base == unit::TimerBase::active; });
    result_ = Result::success;
    if (timer().persistent)
        take_stamp();
    enter_waiting();
    return manager::Verdict::begun;
}

/// Applies Persistent=. The timer continues from the time at which it last elapsed, even if that
/// was in an earlier boot.
void Timer::take_stamp() {
    const std::uint64_t realtime = now().realtime;
    const auto stamp = timers_.read_stamp(*this);
    if (!stamp) {
        if (const auto error = timers_.write_stamp(*this, realtime))
            warn(concat("cannot write ", timers_.stamp_path(*this),
                        " for Persistent=: ", error.message(),
                        "; the timer will not catch up on times that it misses while the container "
                        "is down."));
    } else if (*stamp < realtime) {
        last_trigger_.realtime = *stamp;
    } else {
        warn(concat("ignoring ", timers_.stamp_path(*this),
                    " (Persistent=), because its time is in the future: ",
                    directive::to_timestamp(*stamp), '.'));
    }
}

ElapseFacts Timer::facts(const manager::Unit& unit, bool clock_has_changed) const {
    const bool is_active = active_state() == manager::ActiveState::active;
    return {
        .now = now(),
        .boot = timers_.boot(),
        .startup = timers_.startup(),
        .activation = is_active ? times.inactive_exit : now(),
        .last_trigger = last_trigger_,
        .unit_active = unit.times.inactive_exit.monotonic,
        .unit_inactive = unit.times.inactive_enter.monotonic,
        .clock_has_changed = clock_has_changed,
    };
}

/// Applies RandomizedDelaySec=.
std::uint64_t Timer::randomized(std::uint64_t moment) {
    const util::TimeSpan most = timer().randomized_delay;
    return most == util::TimeSpan::zero() ? moment : delayed(moment, most, timers_.random(*this));
}

/// Waits for the next time. If there is no next time, ends the wait as RemainAfterElapse= requires.
void Timer::enter_waiting(bool clock_has_changed) {
    const manager::Unit* const unit = its_unit();
    if (!unit) {
        warn("stopping: the unit of Unit= does not exist any more.");
        enter_dead(Result::resources);
        return;
    }
    const NextElapse next =
        next_elapse(timer().rules, rules_, facts(*unit, clock_has_changed), timers_.zones());
    const bool follows_changes = timer().on_clock_change || timer().on_timezone_change;
    if (!next.monotonic && !next.realtime && !follows_changes) {
        // RemainAfterElapse= decides whether the timer stays active (systemd.timer(5)).
        if (timer().remain_after_elapse || next.follows_unit)
            set_state(State::elapsed);
        else
            enter_dead(Result::success);
        return;
    }
    next_monotonic_ = next.monotonic ? randomized(*next.monotonic) : 0;
    next_realtime_ = next.realtime ? randomized(*next.realtime) : 0;
    timers_.wake(*this, {.monotonic = next.monotonic ? next_monotonic_ : never,
                         .realtime = next.realtime ? next_realtime_ : never,
                         .accuracy = timer().accuracy,
                         .follows_clock = next.realtime || follows_changes});
    set_state(State::waiting);
}

void Timer::enter_running() {
    // The timer will stop soon, so it must not start the triggered unit.
    if (has_job(manager::JobType::stop))
        return;
    if (!start_its_unit())
        return;
    last_trigger_ = now();
    if (timer().persistent)
        static_cast<void>(timers_.write_stamp(*this, last_trigger_.realtime));
    set_state(State::running);
}

void Timer::set_down(bool has_failed) {
    set_state(has_failed ? State::failed : State::dead);
}

void Timer::settings_replaced(const unit::Settings&) {
    rules_.assign(timer().rules.size(), {});
}

void Timer::settings_changed() {
    if (state_ == State::waiting)
        enter_waiting();
}

/// Recomputes the times that count from a start or an end of the triggered unit.
void Timer::trigger_changed(manager::Unit& triggered) {
    allow_again([](unit::TimerBase base) {
        return base == unit::TimerBase::unit_active || base == unit::TimerBase::unit_inactive;
    });
    const bool has_ended = state_ == State::running && manager::is_down(triggered.active_state());
    if (state_ == State::waiting || state_ == State::elapsed || has_ended)
        enter_waiting();
}

/// Returns TRIGGER_UNIT, and the times at which the timer elapsed (systemd.exec(5)).
std::vector<std::string> Timer::trigger_environment() const {
    if (state_ != State::running)
        return {};
    return {concat("TRIGGER_UNIT=", id()),
            concat("TRIGGER_TIMER_REALTIME_USEC=", last_trigger_.realtime),
            concat("TRIGGER_TIMER_MONOTONIC_USEC=", last_trigger_.monotonic)};
}

void Timer::elapsed() {
    if (state_ == State::waiting)
        enter_running();
}

/// Handles a change of the clock. If the clock was set back, the last time may be in the future. In
/// this case, the timer continues from the current time.
void Timer::clock_changed() {
    if (state_ != State::waiting)
        return;
    last_trigger_.realtime = std::min(last_trigger_.realtime, now().realtime);
    if (timer().on_clock_change)
        enter_running();
    else
        enter_waiting(true);
}

void Timer::time_zone_changed() {
    if (state_ != State::waiting)
        return;
    if (timer().on_timezone_change)
        enter_running();
    else
        enter_waiting();
}

}  // namespace notifybridge::unit_types
