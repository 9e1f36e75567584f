#pragma once

#include <cstdint>
#include <optional>

#include "base/util/time_span.hpp"
#include "init/rules/manager/deadlines.hpp"

namespace notifybridge::perform {

/// Returns a time from `earliest` to `latest` at which other timers wake up, too. This time is at a
/// fixed offset in each minute, ten seconds, second or quarter of a second. The longest period that
/// fits is used (systemd.timer(5), AccuracySec=). All parameters are in microseconds. `wake_offset`
/// returns the value for `offset`.
std::uint64_t shared_wake_time(std::uint64_t earliest, std::uint64_t latest, std::uint64_t offset);

/// Returns the `offset` that systemd derives from the boot id, so that this manager and the host
/// wake up together. Returns 0 if `boot_id` is not valid.
std::uint64_t wake_offset(std::string_view boot_id);

/// The times of one clock at which timers must wake up, each with its accuracy. A number identifies
/// each timer.
class WakeQueue {
public:
    explicit WakeQueue(std::uint64_t offset) : offset_(offset) {}

    /// Sets the time of a timer. `moment` must be greater than 0.
    void set(std::uint64_t number, std::uint64_t moment, util::TimeSpan accuracy);
    void remove(std::uint64_t number);
    /// Removes and returns the number of a timer whose moment has passed. Returns nullopt if there
    /// is no such timer.
    std::optional<std::uint64_t> take_due(std::uint64_t now);
    /// Returns when to wake up next, or 0 if no timer waits.
    std::uint64_t next() const;

private:
    std::uint64_t offset_;
    manager::Deadlines earliest_;
    manager::Deadlines latest_;
};

}  // namespace notifybridge::perform
