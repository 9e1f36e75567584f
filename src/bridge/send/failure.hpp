#pragma once

#include <stdexcept>

namespace notifybridge::send {

/// The error if a requested action failed. what() begins like the message of systemd-notify, if
/// systemd-notify reports the same error.
struct Failure : std::runtime_error {
    using runtime_error::runtime_error;
};

}  // namespace notifybridge::send
