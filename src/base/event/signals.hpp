#pragma once

#include <signal.h>
#include <sys/signalfd.h>

#include <optional>

#include "base/event/descriptor.hpp"

namespace notifybridge::event {

/// The signals that this process ignores: since it was started, as no disposition is changed later
/// but SIGCHLD's.
sigset_t ignored_signals() noexcept;

/// All signals of the process that can be caught, but for those that stop it for its terminal, read
/// from a signalfd(2), which says who sent them. They stay blocked for as long as this lives.
/// SIGSEGV and the like end the process all the same: the kernel does not heed the mask for a
/// fault.
class Signals {
public:
    /// Whether signals that this process was started to ignore, as by nohup(1), `stay` ignored.
    enum class Ignored { stay, come };

    /// Whether SIGTTIN and SIGTTOU stop this process, as they do in the background of a terminal,
    /// or are read as the others are. A process that reads them writes to its terminal from the
    /// background, too, and reads end with EIO there.
    enum class TerminalStops { stay, come };

    explicit Signals(Loop& loop, Ignored ignored = Ignored::come,
                     TerminalStops terminal_stops = TerminalStops::stay);
    ~Signals();

    /// The next signal. Nothing when `cancel` came first.
    Awaitable<std::optional<signalfd_siginfo>> next();

    void cancel() { descriptor_.cancel(); }

    /// Has them stay blocked after this, too, so that none ends a process that is about to exit.
    void stay_blocked() { ::sigprocmask(SIG_SETMASK, nullptr, &original_); }

    /// The mask that the process was started with, which is what its children get.
    const sigset_t& original_mask() const { return original_; }

private:
    static system::UniqueFd block_and_open(sigset_t& original, TerminalStops terminal_stops);

    const Ignored ignored_;
    sigset_t original_{};
    Descriptor descriptor_;
};

}  // namespace notifybridge::event
