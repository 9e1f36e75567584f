#pragma once

#include "init/rules/manager/unit.hpp"

namespace notifybridge::unit_types {

/// A unit that groups and orders other units (systemd.target(5)). Its start and stop take no time.
class Target final : public manager::Unit {
public:
    using manager::Unit::Unit;

    manager::ActiveState active_state() const override {
        return is_active_ ? manager::ActiveState::active : manager::ActiveState::inactive;
    }
    std::string_view sub_state() const override { return is_active_ ? "active" : "dead"; }
    manager::Verdict start() override { return set(true); }
    manager::Verdict stop() override { return set(false); }

private:
    manager::Verdict set(bool is_active) {
        const manager::ActiveState before = active_state();
        is_active_ = is_active;
        changed(before);
        return manager::Verdict::begun;
    }

    bool is_active_ = false;
};

}  // namespace notifybridge::unit_types
