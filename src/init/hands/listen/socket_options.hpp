#pragma once

#include <string>
#include <vector>

#include "base/system/fd.hpp"
#include "init/files/unit/settings.hpp"

namespace notifybridge::listen {

/// Sets the options that must be set before bind(2). These options concern addresses, the
/// interface, and whether other sockets may use the same port. Throws std::system_error on failure.
void set_bind_options(system::Fd socket, int family, const unit::SocketSettings& settings);

/// Sets all other options of listeners and accepted connections. Returns the names of the
/// directives that could not be applied, because systemd does not treat this as an error
/// (systemd.socket(5)).
std::vector<std::string> set_options(system::Fd socket, int family,
                                     const unit::SocketSettings& settings);

}  // namespace notifybridge::listen
