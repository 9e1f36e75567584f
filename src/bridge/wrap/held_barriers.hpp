#pragma once

#include <cstdint>
#include <deque>

#include "base/system/fd.hpp"

namespace notifybridge::wrap {

/// The descriptors of barriers. Each is closed once the service manager has processed everything
/// before it.
class HeldBarriers {
public:
    /// With `most` barriers there is no room. If we received another without its descriptor, its
    /// client would think that it passed.
    explicit HeldBarriers(std::size_t most) : most_(most) {}

    void hold(std::uint64_t sequence, system::UniqueFd fd) {
        held_.push_back({sequence, std::move(fd)});
    }

    /// Closes the barriers up to the record `processed`, because the service manager has processed
    /// everything before them.
    void release(std::uint64_t processed) {
        while (!held_.empty() && held_.front().sequence <= processed)
            held_.pop_front();
    }

    /// Closes all, because there is no reader to process them. Returns how many.
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
