#pragma once

#include <boost/system/error_code.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>

#include "base/event/descriptor.hpp"

namespace notifybridge::event {

/// A watcher of any number of descriptors in one coroutine. It calls a function for each event
/// (epoll(7)).
class Poller {
public:
    explicit Poller(Loop& loop);

    /// Calls `on_ready` whenever one of `events` (EPOLLIN, ...) occurs. Call `remove` before the
    /// descriptor is closed. Returns an error if the descriptor cannot be polled.
    [[nodiscard]] boost::system::error_code add(system::Fd fd, std::uint32_t events,
                                                std::function<void()> on_ready);
    void remove(system::Fd fd);

    /// Called after each round of callbacks.
    std::function<void()> on_round;

    Awaitable<> run();

    Loop& loop() const { return loop_; }

private:
    struct Call {
        std::uint32_t serial;
        std::function<void()> on_ready;
    };

    Loop& loop_;
    std::map<int, Call> calls_;  ///< The callbacks by the numbers of the descriptors.
    std::uint32_t last_serial_ = 0;
    std::optional<Descriptor> epoll_;
};

}  // namespace notifybridge::event
