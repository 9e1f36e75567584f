#pragma once

#include "init/manager/unit.hpp"

namespace notifybridge::unit_types {

/// A point in the order of others (systemd.target(5)): it is up or it is not, at once.
class Target final : public manager::Unit {
public:
    using manager::Unit::Unit;

    manager::ActiveState active_state() const override {
        return is_active_ ? manager::ActiveState::active : manager::ActiveState::inactive;
    }
    std::string_view sub_state() const override { return is_active_ ? "active" : "dead"; }
    manager::Verdict start() override;
    manager::Verdict stop() override;

private:
    manager::Verdict set(bool is_active);

    bool is_active_ = false;
};

}  // namespace notifybridge::unit_types
