#pragma once

#include <signal.h>

#include <bitset>
#include <chrono>
#include <string>

namespace notifybridge::process {

/// How a process ended: with a status of its own, or by a signal.
struct ExitStatus {
    int code = 0;
    int signal = 0;  ///< 0 where it ended by itself.

    static ExitStatus exited(int code) { return {code, 0}; }
    static ExitStatus killed(int signal) { return {0, signal}; }
    /// Of a child that has ended, by waitid(2).
    static ExitStatus of(const siginfo_t& info) {
        return info.si_code == CLD_EXITED ? exited(info.si_status) : killed(info.si_status);
    }

    bool success() const { return code == 0 && signal == 0; }
    /// As a shell says it: 128+n after signal n.
    int shell_status() const { return signal ? 128 + signal : code; }
    bool operator==(const ExitStatus&) const = default;
};

/// For people: "exited with status 3", "was killed by SIGSEGV".
std::string describe(ExitStatus status);

/// "SIGTERM"; "signal 35" where it has no name.
std::string signal_name(int signal);

/// Exit statuses of our own, as those of timeout(1), env(1) and podman-run(1).
inline constexpr int status_timed_out = 124;
inline constexpr int status_failed = 125;
inline constexpr int status_cannot_run = 126;
inline constexpr int status_not_found = 127;

/// Signals by their numbers.
using SignalSet = std::bitset<65>;

/// Whether the default action of `signal` is to end the process.
bool is_terminating(int signal);

/// Whether `signal` asks for an orderly end, by convention. Others that end a process mean
/// something of their own to most programs.
bool asks_for_end(int signal);

/// Some programs (a JVM) show by SIGQUIT what they do, and go on: one that is still there after so
/// long, which is systemd's own limit for a stop (DefaultTimeoutStopSec=), was asked for that.
constexpr std::chrono::seconds quit_patience{90};

/// How we end after a command that ended so. One that ended by a terminating signal that we
/// received, or that says so by 128+n, lets us end by that signal too: systemd calls an asked-for
/// stop clean only then. PID 1 cannot end by a signal.
ExitStatus own_exit(ExitStatus command, const SignalSet& received, bool is_pid1);

/// Ends this process so. By a signal: with its default action, and no core dump.
[[noreturn]] void exit_like(ExitStatus status);

}  // namespace notifybridge::process
