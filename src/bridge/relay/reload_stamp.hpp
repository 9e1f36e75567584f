#pragma once

#include <string>
#include <string_view>

#include "base/system/clock.hpp"

namespace notifybridge::relay {

/// `datagram` with a MONOTONIC_USEC that systemd accepts, where it says RELOADING=1: in state
/// reload-signal a reload counts only with a time that is not before its own signal (sd_notify(3),
/// MONOTONIC_USEC). An app that gave none gets that of its message; one whose clock is another than
/// ours, as in a time namespace or a virtual machine, gets ours. Everything else stays as it is.
///
/// `received` is when the message was taken in, on the clocks of the container. Pure.
std::string stamp_reload(std::string_view datagram, system::Moment received, system::Moment now);

}  // namespace notifybridge::relay
