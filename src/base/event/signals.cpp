#include "base/event/signals.hpp"

#include <unistd.h>

#include <cerrno>
#include <exception>

#include "base/system/error.hpp"

namespace notifybridge::event {
namespace {

/// Returns whether `signal` has been ignored since our start: we change only the disposition of
/// SIGCHLD.
bool is_ignored(int signal) {
    struct sigaction action {};
    return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

sigset_t awaited_signals(Signals::TerminalStops terminal_stops) {
    sigset_t set;
    ::sigfillset(&set);
    if (terminal_stops == Signals::TerminalStops::stop)
        for (const int of_terminal : {SIGTTIN, SIGTTOU})
            ::sigdelset(&set, of_terminal);
    return set;
}

}  // namespace

sigset_t ignored_signals() noexcept {
    sigset_t ignored;
    ::sigemptyset(&ignored);
    for (int signal = 1; signal < _NSIG; ++signal)
        if (is_ignored(signal))
            ::sigaddset(&ignored, signal);
    return ignored;
}

Signals::Signals(Loop& loop, Ignored ignored, TerminalStops terminal_stops)
    : ignored_(ignored), descriptor_(loop, block_and_open(original_, terminal_stops)) {}

Signals::~Signals() {
    // Discard these signals: failed writes caused them (EPIPE, EFBIG), and the callers of write(2)
    // have handled the errors.
    sigset_t of_writes;
    ::sigemptyset(&of_writes);
    ::sigaddset(&of_writes, SIGPIPE);
    ::sigaddset(&of_writes, SIGXFSZ);
    const timespec at_once{};
    while (::sigtimedwait(&of_writes, nullptr, &at_once) > 0) {
    }
    // Keep the signals blocked during an exception. Otherwise a pending signal would end the
    // process before the exception is reported.
    if (std::uncaught_exceptions() == 0)
        ::sigprocmask(SIG_SETMASK, &original_, nullptr);
}

system::UniqueFd Signals::block_and_open(sigset_t& original, TerminalStops terminal_stops) {
    const sigset_t set = awaited_signals(terminal_stops);
    ::sigprocmask(SIG_BLOCK, &set, &original);
    // If SIGCHLD was ignored at our start, the kernel would reap our children before we can read
    // their exit statuses.
    ::signal(SIGCHLD, SIG_DFL);
    system::UniqueFd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd)
        system::throw_errno("signalfd");
    return fd;
}

Awaitable<std::optional<signalfd_siginfo>> Signals::next() {
    for (;;) {
        signalfd_siginfo info;
        if (::read(descriptor_.fd().get(), &info, sizeof info) == sizeof info) {
            // A blocked signal becomes pending even if its disposition is to ignore it, so skip it
            // here.
            if (ignored_ == Ignored::ignore && is_ignored(static_cast<int>(info.ssi_signo)))
                continue;
            co_return info;
        }
        if (errno != EAGAIN && errno != EINTR)
            system::throw_errno("read signalfd");
        const bool readable = co_await descriptor_.readable();
        if (!readable)
            co_return std::nullopt;
    }
}

}  // namespace notifybridge::event
