#pragma once

#include <cstdint>
#include <string_view>

#include "init/files/unit/settings.hpp"
#include "init/rules/manager/socket_activated.hpp"
#include "init/rules/manager/state.hpp"

/// Describes the states of a service (org.freedesktop.systemd1(5), SubState).
namespace notifybridge::unit_types {

enum class ServiceState : std::uint8_t {
    dead,
    condition,
    start_pre,
    start,
    start_post,
    running,
    exited,         ///< The service is active without a process (RemainAfterExit=).
    reload,         ///< ExecReload= runs.
    reload_signal,  ///< ReloadSignal= was sent, and RELOADING=1 is expected.
    reload_notify,  ///< RELOADING=1 was received, and READY=1 is expected.
    stop,
    stop_watchdog,  ///< WatchdogSignal= was sent.
    stop_sigterm,
    stop_sigkill,
    stop_post,
    final_watchdog,  ///< Each state final_… is like the state stop_…, but follows ExecStopPost=.
    final_sigterm,
    final_sigkill,
    failed,
    auto_restart,  ///< The service waits for RestartSec= before its restart.
};

std::string_view to_string(ServiceState state) noexcept;

/// Returns the ActiveState for a state. A service of Type=idle counts as active as soon as it
/// starts, so that no job waits for it.
manager::ActiveState active_state(ServiceState state, unit::ServiceType type) noexcept;

/// Returns how a service in this state uses the sockets of its socket unit.
manager::SocketUse socket_use(ServiceState state) noexcept;

// These functions return whether a service in this state can have a timeout, a main process, a
// control process or a connection. When a service enters a state, it drops everything that it
// cannot have in this state.
bool may_time_out(ServiceState state) noexcept;
bool may_have_main(ServiceState state) noexcept;
bool may_have_control(ServiceState state) noexcept;
bool may_have_connection(ServiceState state) noexcept;
bool is_watched(ServiceState state) noexcept;  ///< Returns whether the watchdog runs.

/// Returns whether the service is starting, and does not count as active yet.
bool is_starting(ServiceState state) noexcept;
bool is_reloading(ServiceState state) noexcept;
/// Returns whether the service is stopping.
bool is_stopping(ServiceState state) noexcept;
/// Returns whether the service waits for the effect of a signal before ExecStopPost=.
bool is_stop_signal(ServiceState state) noexcept;
/// Returns whether the service waits for the effect of a signal after ExecStopPost=.
bool is_final_signal(ServiceState state) noexcept;

}  // namespace notifybridge::unit_types
