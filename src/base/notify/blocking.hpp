#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string_view>

#include "base/notify/sender.hpp"

/// Sending for a program without an event loop, as sd_pid_notify_with_fds(3) does it.
namespace notifybridge::notify {

/// Sends one datagram with the credentials `as`, and with those of this process where the kernel
/// refuses them (they take CAP_SYS_ADMIN and a living process). Waits while the peer's queue is
/// full, and over a vsock until the peer has read it. Errors as of Sender::send.
boost::system::error_code send_waiting(Sender& to, std::string_view datagram,
                                       std::span<const system::Fd> fds,
                                       std::optional<system::Credentials> as);

/// Sends a barrier and waits until all that was sent before it is processed; ETIMEDOUT where that
/// takes longer than `patience`. Throws std::system_error where no pipe can be had.
boost::system::error_code wait_for_barrier(Sender& to, std::optional<system::Credentials> as,
                                           std::chrono::milliseconds patience);

}  // namespace notifybridge::notify
