#pragma once

#include <algorithm>
#include <cstdint>

namespace notifybridge::relay {

/// Whether the other side is alive where locks do not cross the mount: by its beat, a number that
/// it raises each second. Either side may be stopped for a while, so of the time between two looks
/// at most a second counts as silence. Times are in µs.
class Pulse {
public:
    /// Follows another beat from now on.
    void begin() {
        looked_ = 0;
        was_felt_ = false;
    }

    /// Takes the beat as it is now. Whether it was raised within ten seconds, or may have been.
    bool beats(std::uint64_t number, std::uint64_t now) {
        const bool is_first = looked_ == 0;
        was_felt_ = was_felt_ || (!is_first && number != number_);
        if (number != number_ || is_first)
            silence_ = 0;
        else
            silence_ += std::min(now - looked_, most_silence_of_a_look);
        number_ = number;
        looked_ = now;
        return silence_ < longest_silence;
    }

    /// Whether the beat was raised since `begin`; until then a dead process may have left it.
    bool was_felt() const { return was_felt_; }

private:
    static constexpr std::uint64_t longest_silence = 10'000'000;
    static constexpr std::uint64_t most_silence_of_a_look = 1'000'000;

    std::uint64_t number_ = 0;
    std::uint64_t looked_ = 0;
    std::uint64_t silence_ = 0;
    bool was_felt_ = false;
};

}  // namespace notifybridge::relay
