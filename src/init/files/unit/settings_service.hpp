#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>

#include "init/files/unit/settings_values.hpp"

/// The settings of [Service] (systemd.service(5)).
namespace notifybridge::unit {

enum class ServiceType : std::uint8_t {
    simple,
    exec,
    forking,
    oneshot,
    dbus,
    notify,
    notify_reload,
    idle
};
enum class ExitType : std::uint8_t { main, cgroup };
enum class Restart : std::uint8_t {
    no,
    on_success,
    on_failure,
    on_abnormal,
    on_watchdog,
    on_abort,
    always
};
enum class RestartMode : std::uint8_t { normal, direct, debug };
enum class NotifyAccess : std::uint8_t { none, all, exec, main };
enum class TimeoutFailureMode : std::uint8_t { terminate, abort, kill };
enum class OomPolicy : std::uint8_t { unset, continue_running, stop, kill };

/// A set of exit statuses and signals, by their numbers.
struct ExitStatusSet {
    std::bitset<256> statuses;
    std::bitset<65> signals;
};

struct ServiceSettings {
    std::optional<ServiceType> type;
    ExitType exit_type = ExitType::main;
    Restart restart = Restart::no;
    RestartMode restart_mode = RestartMode::normal;
    TimeoutFailureMode timeout_start_failure_mode = TimeoutFailureMode::terminate;
    TimeoutFailureMode timeout_stop_failure_mode = TimeoutFailureMode::terminate;
    std::optional<NotifyAccess> notify_access;
    OomPolicy oom_policy = OomPolicy::unset;
    bool permissions_start_only = false;
    bool root_directory_start_only = false;
    bool remain_after_exit = false;
    bool guess_main_pid = true;
    bool non_blocking = false;
    int reload_signal = 1;  ///< SIGHUP
    unsigned restart_steps = 0;
    unsigned file_descriptor_store_max = 0;
    Rare<Commands> exec_condition;
    Rare<Commands> exec_start_pre;
    Rare<Commands> exec_start;
    Rare<Commands> exec_start_post;
    Rare<Commands> exec_reload;
    Rare<Commands> exec_stop;
    Rare<Commands> exec_stop_post;
    Rare<std::string> pid_file;
    Rare<std::string> bus_name;
    TimeSpan restart_delay = std::chrono::milliseconds(100);
    TimeSpan restart_max_delay = util::infinity;
    std::optional<TimeSpan> timeout_start;
    TimeSpan timeout_stop = std::chrono::seconds(90);
    std::optional<TimeSpan> timeout_abort;
    TimeSpan runtime_max = util::infinity;
    TimeSpan runtime_randomized_extra = TimeSpan::zero();
    TimeSpan watchdog = TimeSpan::zero();
    Rare<ExitStatusSet> restart_prevent_exit_status;
    Rare<ExitStatusSet> restart_force_exit_status;
    Rare<ExitStatusSet> success_exit_status;
    Rare<Names> sockets;
};

}  // namespace notifybridge::unit
