#include "init/ctl/copier.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/system/streams.hpp"

namespace notifybridge::ctl {
namespace {

/// Whether `finish` was called, so that only the bytes that were already written are left.
volatile sig_atomic_t is_finishing = 0;

void handle_copier_signal(int signal) {
    if (signal == SIGTERM)
        is_finishing = 1;
}

/// Copies what is available. Returns false at the end, or if nobody reads.
bool copy_available(int from, int to) {
    std::array<char, 4096> buffer;
    const ssize_t size = ::read(from, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR)
        return true;
    for (ssize_t at = 0; at < size;) {
        const ssize_t written =
            ::write(to, buffer.data() + at, static_cast<std::size_t>(size - at));
        if (written < 0 && errno != EINTR)
            return false;
        at += std::max<ssize_t>(written, 0);
    }
    return size > 0;
}

/// Copies until the end, or until SIGTERM arrives and no bytes are left.
void copy_all(int from, int to, bool is_terminal) {
    // The signals only arrive during ppoll(2), so that none is missed.
    sigset_t blocked, none;
    ::sigemptyset(&none);
    ::sigemptyset(&blocked);
    struct sigaction action {};
    action.sa_handler = handle_copier_signal;
    for (const int signal : {SIGWINCH, SIGTERM}) {
        ::sigaddset(&blocked, signal);
        ::sigaction(signal, &action, nullptr);
    }
    ::sigprocmask(SIG_BLOCK, &blocked, nullptr);
    constexpr timespec at_once{};
    pollfd watched{from, POLLIN, 0};
    for (;;) {
        const int ready = ::ppoll(&watched, 1, is_finishing ? &at_once : nullptr, &none);
        if (ready < 0 && is_terminal)
            copy_window_size(to);
        if (ready == 0 || (ready > 0 && !copy_available(from, to)))
            break;
    }
    if (is_terminal) [[maybe_unused]]
        const ssize_t written = ::write(to, "\4", 1);
}

}  // namespace

void copy_window_size(int terminal) {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        ::ioctl(terminal, TIOCSWINSZ, &size);
}

void Copier::begin(int from, int to, bool is_terminal) {
    system::flush_out();
    child_ = ::fork();
    if (child_ != 0)
        return;
    copy_all(from, to, is_terminal);
    ::_exit(0);
}

void Copier::finish() {
    end(SIGTERM);
}

void Copier::stop() {
    end(SIGKILL);
}

void Copier::end(int signal) {
    if (child_ <= 0)
        return;
    ::kill(child_, signal);
    while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
    }
    child_ = -1;
}

}  // namespace notifybridge::ctl
