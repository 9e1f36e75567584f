#pragma once

#include "init/answers/properties/daemon.hpp"
#include "init/answers/properties/settings_properties.hpp"

/// Shows the state that only units of one type have, as `systemctl show` does.
namespace notifybridge::properties {

/// Adds two properties that show `moment`. The value of `name` is "@" and the microseconds since
/// 1970, which the client formats. The value of `name` with the suffix "Monotonic" is the
/// microseconds since the start of the machine.
void show_moment(std::string_view name, system::Moment moment, AddProperty add);

/// Shows the state that only units of this unit's type have.
void show_state_of_type(const manager::Unit& unit, Daemon& daemon, AddProperty add);
void show_usage(const manager::GroupUsage& usage, AddProperty add);

}  // namespace notifybridge::properties
