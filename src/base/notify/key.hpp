#pragma once

#include <optional>
#include <string_view>

namespace notifybridge::notify {

/// The variables of sd_notify(3).
enum class Key {
    ready,
    reloading,
    stopping,
    monotonic_usec,
    status,
    notify_access,
    errno_,
    bus_error,
    varlink_error,
    exit_status,
    main_pid,
    main_pid_fd,
    main_pid_fd_id,
    watchdog,
    watchdog_usec,
    extend_timeout_usec,
    restart_reset,
    fd_store,
    fd_store_remove,
    fd_name,
    fd_poll,
    barrier,
    extension,  ///< X_…: a private variable that sender and receiver agree on.
    unknown,
};

/// Returns the key of an unescaped assignment ("READY=1"). Returns `unknown` for other keys, and
/// for a text without "=".
Key classify(std::string_view assignment) noexcept;

/// Returns the key called `name` ("READY", or "X_" for extensions). Returns nullopt if there is no
/// such key.
std::optional<Key> key_named(std::string_view name) noexcept;

std::string_view name(Key key) noexcept;

}  // namespace notifybridge::notify
