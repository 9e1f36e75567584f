#pragma once

#include <chrono>
#include <cstdint>

namespace notifybridge::system {

/// A moment on both clocks, in microseconds: since 1970, for people, and since boot, as systemd's
/// MONOTONIC_USEC counts.
struct Moment {
    std::uint64_t realtime = 0;
    std::uint64_t monotonic = 0;

    bool operator==(const Moment&) const = default;
};

Moment now() noexcept;

}  // namespace notifybridge::system
