#pragma once

#include <memory>

#include "base/event/loop.hpp"

namespace notifybridge::event {

/// A flag that one coroutine waits for and others raise; waiting lowers it again. An endless wait
/// arms no timer.
class Wakeup {
public:
    explicit Wakeup(Loop& loop) : loop_(loop) {}

    /// Raises the flag: the waiting coroutine goes on in a later turn of the loop.
    void raise();

    /// Waits until the flag is raised, at once where it is.
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
