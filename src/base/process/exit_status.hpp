#pragma once

#include <signal.h>

#include <bitset>
#include <chrono>
#include <string>

namespace notifybridge::process {

/// The end of a process: its exit code, or the signal that killed it.
struct ExitStatus {
    int code = 0;
    int signal = 0;  ///< The signal; 0 if the process exited.

    static ExitStatus exited(int code) { return {code, 0}; }
    static ExitStatus killed(int signal) { return {0, signal}; }
    /// Returns the status of an ended child, from waitid(2).
    static ExitStatus of(const siginfo_t& info) {
        return info.si_code == CLD_EXITED ? exited(info.si_status) : killed(info.si_status);
    }

    bool success() const { return code == 0 && signal == 0; }
    /// Returns the status as a shell reports it: 128+n after signal n.
    int shell_status() const { return signal ? 128 + signal : code; }
    bool operator==(const ExitStatus&) const = default;
};

/// Returns a text for users: "exited with status 3", "was killed by SIGSEGV".
std::string describe(ExitStatus status);

/// Returns "SIGTERM", or "signal 35" for a signal without a name.
std::string signal_name(int signal);

/// The exit statuses that we use ourselves, like those of timeout(1), env(1) and podman-run(1).
inline constexpr int status_timed_out = 124;
inline constexpr int status_failed = 125;
inline constexpr int status_cannot_run = 126;
inline constexpr int status_not_found = 127;

/// A set of signal numbers.
using SignalSet = std::bitset<65>;

/// Returns whether the default action of `signal` ends the process.
bool is_terminating(int signal);

/// Returns whether `signal` by convention asks a program to end in an orderly way. Other
/// terminating signals have special meanings in many programs.
bool asks_for_end(int signal);

/// How long after a signal the end of a process still counts as caused by the signal.
constexpr std::chrono::seconds signal_effect{5};

/// The time that a program may run after SIGQUIT before we assume that it will not end. Some
/// programs, such as a JVM, only print their state on SIGQUIT. The value is systemd's limit for a
/// stop (DefaultTimeoutStopSec=).
constexpr std::chrono::seconds quit_patience{90};

/// Returns how this process should end after the command. If a signal that we received and that
/// asks for the end has ended the command (`received_end`), it also ends us. systemd counts an end
/// by SIGTERM as clean, but not an exit with 143. PID 1 cannot end by a signal, so it exits.
ExitStatus own_exit(ExitStatus command, const SignalSet& received, bool is_pid1);

/// Ends this process with `status`. If `status` has a signal, the signal's default action ends us,
/// without a core dump.
[[noreturn]] void exit_like(ExitStatus status);

}  // namespace notifybridge::process
