#pragma once

#include <cerrno>
#include <chrono>

namespace notifybridge::proxy {

/// How long one client waits for an app that does not accept yet.
inline constexpr std::chrono::microseconds connect_patience = std::chrono::seconds(10);
/// The pause between two attempts.
inline constexpr std::chrono::milliseconds connect_pause(20);

/// Returns whether to try again after connecting failed with `error`. An app that has never
/// accepted may still be starting. Later a refusal means that it no longer listens. EAGAIN is a
/// Unix socket whose backlog is full (unix(7)).
inline bool retries_connect(int error, bool has_accepted, std::chrono::microseconds waited) {
    const bool may_be_starting = !has_accepted && (error == ECONNREFUSED || error == ENOENT);
    return (may_be_starting || error == EAGAIN) && waited < connect_patience;
}

}  // namespace notifybridge::proxy
