#pragma once

#include <cstdint>
#include <optional>
#include <utility>

namespace notifybridge::daemon {

/// The current phase of `init`. While generators write units, the phase is `preparing`. This class
/// makes no system calls.
class Progress final {
public:
    /// The action that the caller must perform because a phase has begun.
    enum class Step { none, report_ready, finish };

    /// Enters the next phase if the conditions for it hold. Must be called after each turn of the
    /// engine. `is_idle` is true if no job is left.
    Step advance(bool is_idle);

    /// Begins the boot. Returns false if the end of the system has begun already.
    bool begin_to_boot();
    /// Begins the end of the system. The system ends when no job is left. Returns false if the end
    /// has begun already.
    bool begin_end();
    /// Begins a forced end, which does not wait for jobs. Returns false if a forced end has begun
    /// already, or if the system has ended.
    bool force_end(std::uint8_t status);
    /// Records that units are being stopped for the end of the system. Returns false if they are
    /// being stopped already.
    bool begin_to_stop() { return !std::exchange(is_stopping_, true); }

    bool is_booting() const { return phase_ == Phase::preparing || phase_ == Phase::booting; }
    bool is_stopping() const { return is_stopping_; }
    /// Returns whether all units have been started, and no unit is being stopped for the end.
    bool is_ready() const { return phase_ == Phase::running && !is_stopping_; }
    bool is_over() const { return phase_ == Phase::over; }

    /// Returns the status passed to `force_end`.
    std::optional<std::uint8_t> forced_status() const { return forced_status_; }

private:
    enum class Phase { preparing, booting, running, ending, over };

    Phase phase_ = Phase::preparing;
    bool is_stopping_ = false;
    std::optional<std::uint8_t> forced_status_;
};

}  // namespace notifybridge::daemon
