#pragma once

#include <signal.h>
#include <sys/signalfd.h>

#include <optional>

#include "base/event/descriptor.hpp"

namespace notifybridge::event {

/// Returns the signals that this process has ignored since its start. Only SIGCHLD's disposition
/// changes later.
sigset_t ignored_signals() noexcept;

/// Reads signals from a signalfd(2), which tells who sent them. Reads all signals that can be
/// caught, except those with which a terminal stops a process. They stay blocked while this object
/// lives. SIGSEGV and similar signals still end the process, because the kernel ignores the mask
/// for a fault.
class Signals {
public:
    /// Whether signals that were ignored at the start, for example because of nohup(1), `stay`
    /// ignored.
    enum class Ignored { stay, come };

    /// Whether SIGTTIN and SIGTTOU still stop this process in the background of a terminal. If not,
    /// they are read like other signals, background writes reach the terminal, and background reads
    /// fail with EIO.
    enum class TerminalStops { stay, come };

    explicit Signals(Loop& loop, Ignored ignored = Ignored::come,
                     TerminalStops terminal_stops = TerminalStops::stay);
    ~Signals();

    /// Returns the next signal, or nullopt if `cancel` came first.
    Awaitable<std::optional<signalfd_siginfo>> next();

    void cancel() { descriptor_.cancel(); }

    /// Keeps the signals blocked after destruction. Otherwise a signal could end a process that is
    /// about to exit.
    void stay_blocked() { ::sigprocmask(SIG_SETMASK, nullptr, &original_); }

    /// Returns the signal mask that this process was started with; its children get the same mask.
    const sigset_t& original_mask() const { return original_; }

private:
    static system::UniqueFd block_and_open(sigset_t& original, TerminalStops terminal_stops);

    const Ignored ignored_;
    sigset_t original_{};
    Descriptor descriptor_;
};

}  // namespace notifybridge::event
