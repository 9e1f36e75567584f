#include "base/event/deadline.hpp"

#include <algorithm>

#include "base/system/clock.hpp"

namespace notifybridge::event {

std::chrono::microseconds Deadline::now() {
    return std::chrono::microseconds(system::monotonic_now());
}

void Deadline::start(std::chrono::microseconds span) {
    cancel();
    if (span >= longest_span)
        return;
    runs_ = true;
    end_ = Clock::now() + span;
    if (!std::exchange(spawned_, true))
        loop_.spawn([this] { return run(); });
}

void Deadline::extend(std::chrono::microseconds span) {
    if (!runs_)
        return;
    if (span >= longest_span)
        cancel();
    else
        end_ = std::max(end_, Clock::now() + span);
}

void Deadline::cancel() {
    runs_ = false;
    timer_.cancel();
}

Awaitable<> Deadline::run() {
    // `extend` and `start` may move `end_` during the sleep.
    while (runs_ && Clock::now() < end_) {
        const auto rest =
            std::chrono::duration_cast<std::chrono::microseconds>(end_ - Clock::now());
        co_await timer_.sleep(rest + std::chrono::microseconds(1));
    }
    spawned_ = false;
    if (std::exchange(runs_, false) && on_expired)
        on_expired();
}

}  // namespace notifybridge::event
