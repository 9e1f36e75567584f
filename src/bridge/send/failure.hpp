#pragma once

#include <stdexcept>

namespace notifybridge::send {

/// The error if a requested action failed. what() is systemd-notify's text.
struct Failure : std::runtime_error {
    using runtime_error::runtime_error;
};

}  // namespace notifybridge::send
