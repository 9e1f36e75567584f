#include "relay/ready_deadline.hpp"

#include "util/time_span.hpp"

namespace notifybridge::relay {

void ReadyDeadline::start(std::chrono::microseconds span) {
    cancel();
    if (span == util::infinity)
        return;
    runs_ = true;
    end_ = Clock::now() + span;
    loop_.spawn([this]() -> event::Awaitable<> {
        // An extension moves the end while this sleeps.
        while (runs_ && Clock::now() < end_) {
            const auto rest =
                std::chrono::duration_cast<std::chrono::microseconds>(end_ - Clock::now());
            co_await timer_.sleep(rest + std::chrono::microseconds(1));
        }
        if (std::exchange(runs_, false) && on_expired)
            on_expired();
    });
}

void ReadyDeadline::extend(std::chrono::microseconds span) {
    if (runs_ && span < std::chrono::hours(24 * 365))
        end_ = std::max(end_, Clock::now() + span);
    else
        cancel();
}

void ReadyDeadline::cancel() {
    runs_ = false;
    timer_.cancel();
}

}  // namespace notifybridge::relay
