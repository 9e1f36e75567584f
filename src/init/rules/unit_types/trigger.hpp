#pragma once

#include <string>
#include <string_view>

#include "init/rules/manager/unit.hpp"
#include "init/rules/unit_types/result.hpp"

namespace notifybridge::unit_types {

/// The part that timers and paths share. A trigger has no processes, and starts the unit of Unit=.
class Trigger : public manager::Unit {
public:
    std::string_view result() const override { return to_string(result_); }
    manager::Verdict stop() override;
    void reset_failed() override;
    void start_limited() override { enter_dead(Result::start_limit_hit); }

protected:
    using manager::Unit::Unit;

    /// Returns the name of the unit to start: the value of Unit=, or its default.
    virtual const std::string& unit_name() const = 0;
    /// Sets the state to "failed" if `has_failed` is true, or else to "dead".
    virtual void set_down(bool has_failed) = 0;

    /// Returns the unit to start. Returns null if the trigger's files were removed, or if the
    /// trigger's name is too long for the name of the unit.
    manager::Unit* its_unit() const;
    /// Returns whether the unit to start is loaded. Warns if the unit is not loaded.
    bool can_start_its_unit() const;
    /// Enqueues the start of the unit. If this is impossible, calls `enter_dead` and returns false.
    bool start_its_unit();
    /// Enters the state "dead", or "failed" after a failure. Only the first failure counts.
    void enter_dead(Result result);

    Result result_ = Result::success;
};

}  // namespace notifybridge::unit_types
