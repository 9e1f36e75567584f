#pragma once

#include <string_view>

#include "init/files/install/link_index.hpp"

namespace notifybridge::install {

/// The state of a unit file: systemctl(1), is-enabled.
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

/// Returns whether `is-enabled` succeeds for this state.
bool counts_as_enabled(State state) noexcept;

/// Sets `state` to the state of the unit `name`. Returns 0 or a problem. `links` must be an index
/// of the same files as `lookup`.
int state_of(const Lookup& lookup, const LinkIndex& links, const std::string& name, State& state);

}  // namespace notifybridge::install
