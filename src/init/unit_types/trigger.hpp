#pragma once

#include <string>
#include <string_view>

#include "init/manager/unit.hpp"
#include "init/unit_types/result.hpp"

namespace notifybridge::unit_types {

/// The part that timers and paths share: they have no processes, and start the unit of Unit=.
class Trigger : public manager::Unit {
public:
    std::string_view result() const override { return to_string(result_); }
    manager::Verdict stop() override;
    void reset_failed() override;
    void start_limited() override { enter_dead(Result::start_limit_hit); }

protected:
    using manager::Unit::Unit;

    /// Returns what Unit= names, or the default.
    virtual const std::string& unit_name() const = 0;
    /// Goes down, to "dead" or to "failed".
    virtual void set_down(bool has_failed) = 0;

    /// Returns its unit. Returns null if the files are gone, or if the trigger's own name is too
    /// long to form a name from it.
    manager::Unit* its_unit() const;
    /// Returns whether its unit is loaded, and warns if it is not.
    bool can_start_its_unit() const;
    /// Enqueues the start of its unit. Goes down if that is impossible, and returns false.
    bool start_its_unit();
    /// Goes down. The first failure is the one that counts.
    void enter_dead(Result result);

    Result result_ = Result::success;
};

}  // namespace notifybridge::unit_types
