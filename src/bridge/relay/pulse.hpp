#pragma once

#include <algorithm>
#include <cstdint>

namespace notifybridge::relay {

/// Decides whether the other side is alive if locks do not cross the mount. Watches the beat, a
/// number that the other side increases each second. Times are in µs. Either side may be suspended,
/// so the time between two checks counts as at most one second of silence.
class Pulse {
public:
    /// Starts to watch another side's beat.
    void begin() {
        looked_ = 0;
        was_felt_ = false;
    }

    /// Checks the current beat. Returns false after ten seconds of silence.
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

    /// Returns whether the beat has changed since `begin`. Until it changes, the beat may belong to
    /// a dead process.
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
