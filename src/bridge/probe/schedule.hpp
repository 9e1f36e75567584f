#pragma once

#include <chrono>

namespace notifybridge::probe {

/// How long a probe that has to be asked again and again is let alone.
class Schedule {
public:
    /// `longest`: the most that lies between two checks.
    explicit Schedule(std::chrono::microseconds longest) : longest_(longest) {}

    /// The pause after a check that did not hold, which took `check` and ended `elapsed` after the
    /// first began. At first so that there is a check each 5 ms, and what is up in 20 ms is seen in
    /// 30; later a hundredth of what was waited, so that no more than that is lost; and always so
    /// long that a check that is costly takes no more than a quarter of the time.
    std::chrono::microseconds pause(std::chrono::microseconds elapsed,
                                    std::chrono::microseconds check) const;

private:
    std::chrono::microseconds longest_;
};

}  // namespace notifybridge::probe
