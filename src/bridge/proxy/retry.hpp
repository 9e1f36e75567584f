#pragma once

#include <cerrno>
#include <chrono>

namespace notifybridge::proxy {

/// The maximum time that a client waits for an app that does not accept connections yet.
inline constexpr std::chrono::microseconds connect_patience = std::chrono::seconds(10);
/// The pause between two attempts to connect to the app.
inline constexpr std::chrono::milliseconds connect_pause(20);

/// Returns whether to try again after connecting has failed with `error`. If the app has never
/// accepted a connection, it may still be starting. If the app has accepted a connection before, a
/// refusal means that the app no longer listens. EAGAIN means that the backlog of a Unix socket is
/// full (unix(7)).
inline bool retries_connect(int error, bool has_accepted, std::chrono::microseconds waited) {
    const bool may_be_starting = !has_accepted && (error == ECONNREFUSED || error == ENOENT);
    return (may_be_starting || error == EAGAIN) && waited < connect_patience;
}

}  // namespace notifybridge::proxy
