#pragma once

#include <optional>
#include <string>

#include "bridge/guest/listen_address.hpp"
#include "bridge/guest/message_port.hpp"
#include "bridge/wait/settings.hpp"

namespace notifybridge::guest {

/// The settings of `wait --listen`.
struct Settings {
    wait::Settings wait;  ///< The settings of `wait`, except those about the shared directory.
    ListenAddress address;
    MessagePort::Options port;
    std::optional<std::string> ready_on;  ///< The guest's unit that must be active for READY=1.
};

}  // namespace notifybridge::guest
