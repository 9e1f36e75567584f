#include "event/signals.hpp"

#include <unistd.h>

#include <cerrno>

#include "system/error.hpp"

namespace notifybridge::event {
namespace {

sigset_t awaited_signals() {
    sigset_t set;
    ::sigfillset(&set);
    // They stop us where a terminal's background process has to stop.
    for (const int of_terminal : {SIGTTIN, SIGTTOU})
        ::sigdelset(&set, of_terminal);
    return set;
}

}  // namespace

Signals::Signals(Loop& loop) : descriptor_(loop, block_and_open(original_)) {}

Signals::~Signals() {
    // A write that nobody reads, or past the limit on file sizes, raised it, and was answered where
    // the write failed.
    sigset_t of_writes;
    ::sigemptyset(&of_writes);
    ::sigaddset(&of_writes, SIGPIPE);
    ::sigaddset(&of_writes, SIGXFSZ);
    const timespec at_once{};
    while (::sigtimedwait(&of_writes, nullptr, &at_once) > 0) {
    }
    ::sigprocmask(SIG_SETMASK, &original_, nullptr);
}

system::UniqueFd Signals::block_and_open(sigset_t& original) {
    const sigset_t set = awaited_signals();
    ::sigprocmask(SIG_BLOCK, &set, &original);
    // Whoever started us may ignore it, and then the kernel would reap our children for us.
    ::signal(SIGCHLD, SIG_DFL);
    system::UniqueFd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd)
        system::throw_errno("signalfd");
    return fd;
}

Awaitable<std::optional<signalfd_siginfo>> Signals::next() {
    for (;;) {
        signalfd_siginfo info;
        if (::read(descriptor_.fd().get(), &info, sizeof info) == sizeof info)
            co_return info;
        if (errno != EAGAIN && errno != EINTR)
            system::throw_errno("read signalfd");
        const bool readable = co_await descriptor_.readable();
        if (!readable)
            co_return std::nullopt;
    }
}

}  // namespace notifybridge::event
