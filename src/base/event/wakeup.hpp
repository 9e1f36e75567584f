#pragma once

#include <memory>

#include "base/event/loop.hpp"

namespace notifybridge::event {

/// A flag that any coroutine can raise. One coroutine waits for the flag and lowers it. The wait
/// has no time limit, so it needs no timer.
class Wakeup {
public:
    explicit Wakeup(Loop& loop) : loop_(loop) {}

    /// Raises the flag: the waiting coroutine continues in a later turn of the loop.
    void raise();

    /// Waits until the flag is raised. Returns at once if the flag is already raised.
    Awaitable<> wait();

private:
    struct Waiter {
        virtual ~Waiter() = default;
        virtual void complete() = 0;
    };
    template <typename Handler>
    struct WaiterFor;

    Loop& loop_;
    bool raised_ = false;
    std::unique_ptr<Waiter> waiter_;
};

}  // namespace notifybridge::event
