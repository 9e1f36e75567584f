#include "base/event/burst_watch.hpp"

#include <utility>

namespace notifybridge::event {

void BurstWatch::begin() {
    if (!std::exchange(is_begun_, true))
        begun_.raise();
}

Awaitable<> BurstWatch::over() {
    co_await begun_.wait();
    do {
        count_ = 0;
        co_await timer_.sleep(span);
    } while (count_ >= few_messages);
    is_begun_ = false;
}

}  // namespace notifybridge::event
