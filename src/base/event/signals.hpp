#pragma once

#include <signal.h>
#include <sys/signalfd.h>

#include <optional>

#include "base/event/descriptor.hpp"

namespace notifybridge::event {

/// Returns the signals that were ignored when this process started. The result is still correct
/// later, because this process changes only the disposition of SIGCHLD.
sigset_t ignored_signals() noexcept;

/// A reader of signals from a signalfd(2), which also reports their senders. It reads all signals
/// that can be caught, except SIGTTIN and SIGTTOU if TerminalStops is `stop`. The signals are
/// blocked while this object lives. SIGSEGV and similar signals still end the process, because the
/// kernel ignores the mask for a fault.
class Signals {
public:
    /// The handling of a signal that was ignored when this process started, for example by
    /// nohup(1). The signal stays ignored, or this object reads it like other signals.
    enum class Ignored { ignore, receive };

    /// The effect of SIGTTIN and SIGTTOU: they stop this process in the background of a terminal,
    /// or this object reads them like other signals. With `receive`, background writes reach the
    /// terminal, and background reads fail with EIO.
    enum class TerminalStops { stop, receive };

    explicit Signals(Loop& loop, Ignored ignored = Ignored::receive,
                     TerminalStops terminal_stops = TerminalStops::stop);
    ~Signals();

    /// Returns the next signal. Returns nullopt if `cancel` was called first.
    Awaitable<std::optional<signalfd_siginfo>> next();

    void cancel() { descriptor_.cancel(); }

    /// Keeps the signals blocked after destruction. Otherwise a signal could end a process that is
    /// about to exit.
    void stay_blocked() { ::sigprocmask(SIG_SETMASK, nullptr, &original_); }

    /// Returns the signal mask that this process was started with. Its children get the same mask.
    const sigset_t& original_mask() const { return original_; }

private:
    static system::UniqueFd block_and_open(sigset_t& original, TerminalStops terminal_stops);

    const Ignored ignored_;
    sigset_t original_{};
    Descriptor descriptor_;
};

}  // namespace notifybridge::event
