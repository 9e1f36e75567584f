#pragma once

#include <algorithm>
#include <chrono>

namespace notifybridge::probe {

/// How long a probe that has to be asked again and again is let alone after a check that did not
/// hold, which took `check` and ended `elapsed` after the first began; `longest` at most. At first
/// so that there is a check each 3 ms, and what is up in 20 ms is seen in 26; later a hundredth of
/// what was waited, so that no more than that is lost; and always so long that a check that is
/// costly takes no more than a quarter of the time.
inline std::chrono::microseconds pause_after(std::chrono::microseconds elapsed,
                                             std::chrono::microseconds check,
                                             std::chrono::microseconds longest) {
    constexpr std::chrono::microseconds first_period(3000);
    return std::min(longest, std::max({first_period - check, elapsed / 100, check * 3}));
}

}  // namespace notifybridge::probe
