#pragma once

#include <algorithm>
#include <cstdint>

namespace notifybridge::util {

/// A limit on the time that a caller may block on something optional. The limit is `most_usec` for
/// one wait, and a tenth of the time on average. Callers pass the time (µs, monotonic clock).
class Patience {
public:
    explicit Patience(std::uint64_t most_usec) : most_(most_usec) {}

    /// Returns how long the caller may block at `now`.
    std::uint64_t left(std::uint64_t now) const {
        const std::uint64_t spent = whole_at_ > now ? (whole_at_ - now) / share : 0;
        return most_ - std::min(most_, spent);
    }

    /// Records that the caller blocked for `span` until `now`.
    void spend(std::uint64_t now, std::uint64_t span) {
        whole_at_ = std::max(whole_at_, now) + span * share;
    }

private:
    static constexpr std::uint64_t share = 10;

    std::uint64_t most_;
    std::uint64_t whole_at_ = 0;  ///< The time when the full allowance is available again.
};

}  // namespace notifybridge::util
