#pragma once

#include <string_view>

#include "init/install/unit_file.hpp"

namespace notifybridge::install {

/// What a unit file is to the system: systemctl(1), is-enabled.
enum class State {
    enabled,
    enabled_runtime,
    linked,
    linked_runtime,
    alias,
    masked,
    masked_runtime,
    is_static,
    disabled,
    indirect,
    generated,
    transient,
    bad,
};

std::string_view to_string(State state) noexcept;

/// Whether `is-enabled` says yes.
bool counts_as_enabled(State state) noexcept;

/// The state of the unit of that name. Returns 0 or a problem.
int state_of(const Lookup& lookup, const std::string& name, State& state);

}  // namespace notifybridge::install
