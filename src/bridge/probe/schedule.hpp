#pragma once

#include <algorithm>
#include <chrono>

namespace notifybridge::probe {

/// Returns the pause after a failed check that took `check` and ended `elapsed` after the first
/// check began. The pause is at most `longest`. At first there is a check every 3 ms, so that a
/// start of 20 ms is noticed within 26 ms. Later the pause is a hundredth of the time since the
/// first check, so that readiness is noticed at most 1 % too late. The pause is at least three
/// times `check`, so that checks take at most a quarter of the time.
inline std::chrono::microseconds pause_after(std::chrono::microseconds elapsed,
                                             std::chrono::microseconds check,
                                             std::chrono::microseconds longest) {
    constexpr std::chrono::microseconds first_period(3000);
    return std::min(longest, std::max({first_period - check, elapsed / 100, check * 3}));
}

/// Returns the pause for a check that takes only some 20 µs. Readiness is noticed within 15 ms in
/// the first 2 s, and later within 50 ms. Shorter pauses would cost too much: in a virtual machine,
/// each wake-up takes some 50 µs. After a check that has searched /proc, the pause is longer.
inline std::chrono::microseconds pause_of_cheap_check(std::chrono::microseconds elapsed,
                                                      std::chrono::microseconds check,
                                                      std::chrono::microseconds longest) {
    constexpr std::chrono::microseconds shortest(2000);
    constexpr std::chrono::microseconds early(15'000);
    constexpr std::chrono::microseconds late(50'000);
    constexpr std::chrono::seconds end_of_early(2);
    const auto pause = elapsed < end_of_early ? std::clamp(elapsed / 20, shortest, early) : late;
    return std::min(longest, std::max(pause, check * 3));
}

/// Returns the pause as `pause_after` does, but for a condition for which clients wait. After the
/// first second, the pause is 10 ms. From the tenth second on, it is a thousandth of the time since
/// the first check.
inline std::chrono::microseconds pause_for_clients(std::chrono::microseconds elapsed,
                                                   std::chrono::microseconds check,
                                                   std::chrono::microseconds longest) {
    constexpr std::chrono::milliseconds short_pause(10);
    return std::min(
        longest, std::max({pause_after(elapsed, check, short_pause), elapsed / 1000, check * 3}));
}

}  // namespace notifybridge::probe
