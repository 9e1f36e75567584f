#pragma once

#include <cstdint>
#include <deque>

#include "base/system/fd.hpp"

namespace notifybridge::wrap {

/// The descriptors of barriers. Each is closed when the service manager has processed everything
/// before its barrier.
class HeldBarriers {
public:
    /// `most` is the largest number of barriers to keep. More barriers could use up our
    /// descriptors. If we received a barrier without its descriptor, the client would believe that
    /// the barrier was released.
    explicit HeldBarriers(std::size_t most) : most_(most) {}

    void hold(std::uint64_t sequence, system::UniqueFd fd) {
        held_.push_back({sequence, std::move(fd)});
    }

    /// Closes the barriers up to the record `processed`. The service manager has processed
    /// everything before them.
    void release(std::uint64_t processed) {
        while (!held_.empty() && held_.front().sequence <= processed)
            held_.pop_front();
    }

    /// Closes all barriers, because no reader will process them. Returns how many there were.
    std::size_t release_all() {
        const std::size_t count = held_.size();
        held_.clear();
        return count;
    }

    bool empty() const { return held_.empty(); }
    bool has_room() const { return held_.size() < most_; }

private:
    struct Barrier {
        std::uint64_t sequence;
        system::UniqueFd fd;
    };

    std::deque<Barrier> held_;
    std::size_t most_;
};

}  // namespace notifybridge::wrap
