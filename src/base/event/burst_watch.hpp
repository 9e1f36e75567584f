#pragma once

#include <chrono>
#include <cstdint>

#include "base/event/timer.hpp"
#include "base/event/wakeup.hpp"

namespace notifybridge::event {

/// Notices when a burst of messages is over, so that work for the time after it is done once, and
/// not during the burst. Uses no timer before a burst.
class BurstWatch {
public:
    /// A burst is over when fewer than `few_messages` came within this span.
    static constexpr std::chrono::milliseconds span{250};
    static constexpr std::uint64_t few_messages = 64;

    explicit BurstWatch(Loop& loop) : begun_(loop), timer_(loop) {}

    /// Records that there is work for the time after a burst.
    void begin();

    /// Counts messages.
    void count(std::uint64_t messages) { count_ += messages; }

    /// Waits for `begin`, and then until the burst is over. One coroutine may wait.
    Awaitable<> over();

private:
    Wakeup begun_;
    Timer timer_;
    std::uint64_t count_ = 0;
    bool is_begun_ = false;
};

}  // namespace notifybridge::event
