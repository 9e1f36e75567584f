#pragma once

#include <string>
#include <vector>

#include "base/system/fd.hpp"
#include "init/unit/settings.hpp"

namespace notifybridge::listen {

/// Sets what has to be set before bind(2): addresses, the interface, whether others may have the
/// port too. Throws std::system_error.
void set_bind_options(system::Fd socket, int family, const unit::SocketSettings& settings);

/// All other options, of listeners and of the connections taken from them. Returns the names of the
/// directives that could not be had, which is no failure (systemd.socket(5)).
std::vector<std::string> set_options(system::Fd socket, int family,
                                     const unit::SocketSettings& settings);

}  // namespace notifybridge::listen
