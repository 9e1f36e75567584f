#pragma once

#include "manager/unit.hpp"

namespace notifybridge::manager {

/// A point in the order of others (systemd.target(5)): it is up or it is not, at once.
class Target final : public Unit {
public:
    using Unit::Unit;

    ActiveState active_state() const override {
        return is_active_ ? ActiveState::active : ActiveState::inactive;
    }
    std::string_view sub_state() const override { return is_active_ ? "active" : "dead"; }
    Verdict start() override;
    Verdict stop() override;

private:
    Verdict set(bool is_active);

    bool is_active_ = false;
};

}  // namespace notifybridge::manager
