#pragma once

#include <algorithm>
#include <cstdint>

namespace notifybridge::relay {

/// The average latency of about the last hundred messages: each new message counts for a hundredth.
/// Pure.
class Latency {
public:
    void add(std::uint64_t usec) {
        count_ = std::min<std::uint64_t>(count_ + 1, window);
        mean_ += (static_cast<double>(usec) - mean_) / static_cast<double>(count_);
    }

    /// Returns the average in µs: at least 1, but 0 before the first message.
    std::uint64_t usec() const {
        return count_ == 0 ? 0
                           : std::max<std::uint64_t>(1, static_cast<std::uint64_t>(mean_ + 0.5));
    }

private:
    static constexpr std::uint64_t window = 100;

    std::uint64_t count_ = 0;  ///< The number of messages, at most `window`.
    double mean_ = 0;
};

}  // namespace notifybridge::relay
