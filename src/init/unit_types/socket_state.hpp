#pragma once

#include <string_view>

#include "init/manager/state.hpp"

/// Where a socket stands (org.freedesktop.systemd1(5), SubState).
namespace notifybridge::unit_types {

enum class SocketState {
    dead,
    start_pre,
    start_chown,  ///< The sockets are made, and given to their owner.
    start_post,
    listening,
    running,  ///< Traffic has started the service, which looks after the sockets now.
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

/// Whether a command runs, or ends, so that there is a time-out.
bool has_control(SocketState state) noexcept;
/// Whether the sockets are there; entering another state closes them.
bool is_open(SocketState state) noexcept;

}  // namespace notifybridge::unit_types
