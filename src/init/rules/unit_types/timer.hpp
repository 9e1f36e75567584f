#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "init/rules/unit_types/elapse.hpp"
#include "init/rules/unit_types/timer_state.hpp"
#include "init/rules/unit_types/timers.hpp"
#include "init/rules/unit_types/trigger.hpp"

namespace notifybridge::unit_types {

/// A timer: the state machine of systemd 252 (systemd.timer(5)). Starts its unit each time that the
/// timer elapses.
class Timer final : public Trigger {
public:
    Timer(manager::Engine& engine, Timers& timers, load::LoadedUnit loaded);

    manager::ActiveState active_state() const override { return unit_types::active_state(state_); }
    std::string_view sub_state() const override { return to_string(state_); }
    manager::Verdict start() override;
    void settings_replaced(const unit::Settings& before) override;
    void settings_changed() override;
    void trigger_changed(manager::Unit& triggered) override;
    std::vector<std::string> trigger_environment() const override;

    // The class Timers calls these functions to report events.
    void elapsed();
    void clock_changed();
    void time_zone_changed();

    // These functions return values for `systemctl show`. They have the names of the D-Bus
    // properties.
    const std::vector<RuleState>& rules() const { return rules_; }
    std::uint64_t next_elapse_monotonic() const { return next_monotonic_; }
    std::uint64_t next_elapse_realtime() const { return next_realtime_; }
    system::Moment last_trigger() const { return last_trigger_; }

private:
    using State = TimerState;

    const unit::TimerSettings& timer() const { return settings().timer; }
    const std::string& unit_name() const override { return timer().unit; }
    void set_down(bool has_failed) override;
    ElapseFacts facts(const manager::Unit& unit, bool clock_has_changed) const;
    std::uint64_t randomized(std::uint64_t moment);
    void allow_again(bool (*has_base)(unit::TimerBase));
    void take_stamp();
    void set_state(State state);
    void enter_waiting(bool clock_has_changed = false);
    void enter_running();

    Timers& timers_;
    State state_ = State::dead;
    std::vector<RuleState> rules_;  ///< The states of the rules in the settings.
    system::Moment last_trigger_;
    /// While the timer waits, a time is 0 if no rule gives a time of this clock. In other states,
    /// both times are `never`.
    std::uint64_t next_monotonic_ = never;
    std::uint64_t next_realtime_ = never;
};

}  // namespace notifybridge::unit_types
