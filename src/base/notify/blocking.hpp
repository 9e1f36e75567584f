#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string_view>

#include "base/notify/sender.hpp"

/// Sends from a program without an event loop, like sd_pid_notify_with_fds(3).
namespace notifybridge::notify {

/// Sends one datagram with the credentials `as`, or with our own if the kernel refuses `as`. `as`
/// requires CAP_SYS_ADMIN and a living process. Waits while the peer's queue is full. Over a vsock,
/// waits until the peer has read the datagram. Returns the errors of Sender::send.
boost::system::error_code send_waiting(Sender& to, std::string_view datagram,
                                       std::span<const system::Fd> fds,
                                       std::optional<system::Credentials> as);

/// Sends a barrier, and waits until everything sent before it is processed. Returns ETIMEDOUT if
/// this takes longer than `patience`. Returns the error of Barrier::send if the barrier cannot be
/// sent, for example EMFILE if there are no descriptors left.
boost::system::error_code wait_for_barrier(Sender& to, std::optional<system::Credentials> as,
                                           std::chrono::milliseconds patience);

}  // namespace notifybridge::notify
