#pragma once

#include <string_view>

#include "init/rules/manager/state.hpp"

/// Describes the states of a socket (org.freedesktop.systemd1(5), SubState).
namespace notifybridge::unit_types {

enum class SocketState {
    dead,
    start_pre,
    start_chown,  ///< The sockets are created, and their owner is set.
    start_post,
    listening,
    running,  ///< Traffic has started the service, which now serves the sockets.
    stop_pre,
    stop_pre_sigterm,
    stop_pre_sigkill,
    stop_post,
    final_sigterm,
    final_sigkill,
    failed,
};

std::string_view to_string(SocketState state) noexcept;
manager::ActiveState active_state(SocketState state) noexcept;

/// Returns whether a command runs or is being ended. Only these states have a timeout.
bool has_control(SocketState state) noexcept;
/// Returns whether the sockets exist. Entering a state without sockets closes them.
bool is_open(SocketState state) noexcept;

}  // namespace notifybridge::unit_types
