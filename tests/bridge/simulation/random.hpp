#pragma once

#include <cstdint>

namespace notifybridge::bridge::simulation {

/// Random numbers that depend only on the seed (splitmix64).
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        std::uint64_t mixed = state_ += 0x9e3779b97f4a7c15;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
        return mixed ^ (mixed >> 31);
    }
    /// Returns a number from 0 to `end` - 1.
    std::uint64_t below(std::uint64_t end) { return next() % end; }
    std::uint64_t between(std::uint64_t first, std::uint64_t last) {
        return first + below(last - first + 1);
    }
    /// Returns true once in `times` calls, on average.
    bool once_in(std::uint64_t times) { return below(times) == 0; }

private:
    std::uint64_t state_;
};

}  // namespace notifybridge::bridge::simulation
