#pragma once

#include <span>

#include "init/answers/dbus/interfaces.hpp"

namespace notifybridge::dbus {

/// Returns all interfaces with their members.
std::span<const Interface> interface_table();

}  // namespace notifybridge::dbus
