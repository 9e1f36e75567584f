#pragma once

#include <cstdint>
#include <optional>
#include <utility>

namespace notifybridge::daemon {

/// How far `init` has come: it boots, runs, ends, and is over. Pure.
class Progress final {
public:
    /// What to do because a phase has begun.
    enum class Step { none, report_ready, finish };

    /// Must be called after each turn of the engine. `is_idle` says that no job is left.
    Step advance(bool is_idle);

    /// Begins the end, which waits until no job is left. Returns false if the end began before.
    bool begin_end();
    /// Begins an end that does not wait for jobs. Returns false if one began before, or if all is
    /// over.
    bool force_end(std::uint8_t status);
    /// Notes that units are being stopped for the end. Returns whether that is new.
    bool begin_to_stop() { return !std::exchange(is_stopping_, true); }

    bool is_booting() const { return phase_ == Phase::booting; }
    bool is_stopping() const { return is_stopping_; }
    /// Returns whether everything was started and nothing is being stopped for the end.
    bool is_ready() const { return phase_ == Phase::running && !is_stopping_; }
    bool is_over() const { return phase_ == Phase::over; }

    /// The status of `force_end`.
    std::optional<std::uint8_t> forced_status() const { return forced_status_; }

private:
    enum class Phase { booting, running, ending, over };

    Phase phase_ = Phase::booting;
    bool is_stopping_ = false;
    std::optional<std::uint8_t> forced_status_;
};

}  // namespace notifybridge::daemon
