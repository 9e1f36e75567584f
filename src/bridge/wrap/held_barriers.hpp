#pragma once

#include <cstdint>
#include <deque>

#include "base/system/fd.hpp"

namespace notifybridge::wrap {

/// The descriptors of barriers that somebody in the container waits for: they are closed in their
/// order, once the host's manager came so far. Pure, but that it closes them.
class HeldBarriers {
public:
    /// `most`: a descriptor each. Where one more could not be received, its sender would take it
    /// for passed.
    explicit HeldBarriers(std::size_t most) : most_(most) {}

    void hold(std::uint64_t sequence, system::UniqueFd fd) {
        held_.push_back({sequence, std::move(fd)});
    }

    /// All up to the record `processed` came back.
    void release(std::uint64_t processed) {
        while (!held_.empty() && held_.front().sequence <= processed)
            held_.pop_front();
    }

    /// Nobody hears them; how many they were.
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
