#pragma once

#include "init/rules/manager/unit.hpp"

namespace notifybridge::manager {

/// A unit of a type that we do not support. Other units can name this unit, but it is never up.
class UnsupportedUnit final : public Unit {
public:
    using Unit::Unit;

    ActiveState active_state() const override { return ActiveState::inactive; }
    std::string_view sub_state() const override { return "dead"; }
    bool is_supported() const override { return false; }
    Verdict start() override { return Verdict::unsupported; }
    Verdict stop() override { return Verdict::already; }
};

}  // namespace notifybridge::manager
