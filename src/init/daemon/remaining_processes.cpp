#include "init/daemon/remaining_processes.hpp"

#include <signal.h>
#include <unistd.h>

#include "base/event/timer.hpp"
#include "base/process/descendants.hpp"
#include "base/system/clock.hpp"

namespace notifybridge::daemon {
namespace {

constexpr std::uint64_t patience_usec = 10'000'000;

void signal_remaining(int signal) {
    for (const pid_t pid : process::descendants(::getpid()))
        ::kill(pid, signal);
}

}  // namespace

event::Awaitable<> end_remaining_processes(event::Loop& loop) {
    constexpr std::chrono::milliseconds interval(20);
    event::Timer pause(loop);
    signal_remaining(SIGTERM);
    const std::uint64_t end = system::monotonic_now() + patience_usec;
    while (!process::descendants(::getpid()).empty()) {
        if (system::monotonic_now() > end)
            co_return signal_remaining(SIGKILL);
        co_await pause.sleep(interval);
    }
}

}  // namespace notifybridge::daemon
