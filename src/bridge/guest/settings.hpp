#pragma once

#include <optional>
#include <string>

#include "bridge/guest/listen_address.hpp"
#include "bridge/guest/message_port.hpp"
#include "bridge/wait/settings.hpp"

namespace notifybridge::guest {

/// The task of `wait --listen`.
struct Settings {
    wait::Settings wait;  ///< Without what is about the shared directory.
    ListenAddress address;
    MessagePort::Options port;
    std::optional<std::string> ready_on;  ///< A unit of the guest.
};

}  // namespace notifybridge::guest
