#pragma once

#include <array>
#include <string_view>

/// The words of the enumerations in unit/settings.hpp, in the order of each enumeration. Unit files
/// contain these words, and `ctl show` prints them.
namespace notifybridge::directive::choices {

using std::to_array;
using Word = std::string_view;

// Directives of systemd.unit(5).
inline constexpr auto job_mode = to_array<Word>(
    {"fail", "replace", "replace-irreversibly", "isolate", "flush", "ignore-dependencies",
     "ignore-requirements", "triggering", "restart-dependencies"});
inline constexpr auto emergency_action = to_array<Word>(
    {"none", "reboot", "reboot-force", "reboot-immediate", "poweroff", "poweroff-force",
     "poweroff-immediate", "exit", "exit-force", "soft-reboot", "soft-reboot-force", "kexec",
     "kexec-force", "halt", "halt-force", "halt-immediate"});
inline constexpr auto collect_mode = to_array<Word>({"inactive", "inactive-or-failed"});

// Directives of systemd.service(5). notify-reload is new in systemd 253.
inline constexpr auto service_type = to_array<Word>(
    {"simple", "exec", "forking", "oneshot", "dbus", "notify", "notify-reload", "idle"});
inline constexpr auto exit_type = to_array<Word>({"main", "cgroup"});
inline constexpr auto restart = to_array<Word>(
    {"no", "on-success", "on-failure", "on-abnormal", "on-watchdog", "on-abort", "always"});
inline constexpr auto restart_mode = to_array<Word>({"normal", "direct", "debug"});
inline constexpr auto notify_access = to_array<Word>({"none", "all", "exec", "main"});
inline constexpr auto timeout_failure_mode = to_array<Word>({"terminate", "abort", "kill"});
inline constexpr auto oom_policy = to_array<Word>({"", "continue", "stop", "kill"});

// Directives of systemd.socket(5).
inline constexpr auto listen_type =
    to_array<Word>({"Stream", "Datagram", "SequentialPacket", "FIFO", "Netlink", "Special"});
inline constexpr auto bind_ipv6_only = to_array<Word>({"default", "both", "ipv6-only"});
inline constexpr auto socket_protocol = to_array<Word>({"", "udplite", "sctp"});
inline constexpr auto timestamping = to_array<Word>({"off", "us", "ns"});

// Directives of systemd.path(5).
inline constexpr auto path_kind = to_array<Word>(
    {"PathExists", "PathExistsGlob", "PathChanged", "PathModified", "DirectoryNotEmpty"});

// Directives of systemd.exec(5) and systemd.kill(5).
inline constexpr auto input_kind =
    to_array<Word>({"null", "tty", "tty-force", "tty-fail", "socket", "fd", "data", "file"});
inline constexpr auto output_kind =
    to_array<Word>({"inherit", "null", "tty", "journal", "journal+console", "kmsg", "kmsg+console",
                    "socket", "fd", "file", "append", "truncate"});
/// The next two lists are in the order of the kernel's numbers (sched(7), ioprio_set(2)).
inline constexpr auto cpu_scheduling_policy =
    to_array<Word>({"other", "fifo", "rr", "batch", "", "idle"});
inline constexpr auto io_scheduling_class =
    to_array<Word>({"none", "realtime", "best-effort", "idle"});
inline constexpr auto preserve_mode = to_array<Word>({"no", "yes", "restart"});
inline constexpr auto private_tmp = to_array<Word>({"no", "connected", "disconnected"});
inline constexpr auto kill_mode = to_array<Word>({"control-group", "process", "mixed", "none"});

}  // namespace notifybridge::directive::choices
