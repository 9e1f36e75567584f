#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "base/util/time_span.hpp"

namespace notifybridge::proxy {

/// A plan that decides when the time of --idle-timeout is over. If there was no connection for this
/// time, the command must end. Pure. Times may come from any clock that does not go back.
class IdlePlan {
public:
    using Time = std::chrono::microseconds;

    explicit IdlePlan(Time timeout) : timeout_(timeout) {}

    /// Begins to count the time without a connection, unless a connection is open. Must be called
    /// when the command is ready and connections are accepted.
    void begin(Time now) {
        if (open_ == 0)
            quiet_since_ = now;
    }

    void opened() {
        ++open_;
        quiet_since_.reset();
    }
    void closed(Time now) {
        if (--open_ == 0)
            quiet_since_ = now;
    }

    /// Returns the time at which the idle timeout is over. Returns nullopt while a connection is
    /// open, before `begin`, and if the timeout is infinity.
    std::optional<Time> end() const {
        if (!quiet_since_ || *quiet_since_ > util::infinity - timeout_)
            return std::nullopt;
        return *quiet_since_ + timeout_;
    }

private:
    Time timeout_;
    std::size_t open_ = 0;
    std::optional<Time> quiet_since_;
};

}  // namespace notifybridge::proxy
