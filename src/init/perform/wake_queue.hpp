#pragma once

#include <cstdint>
#include <optional>

#include "base/util/time_span.hpp"
#include "init/manager/deadlines.hpp"

namespace notifybridge::perform {

/// Returns a time from `earliest` to `latest` at which others wake up too: the same point of each
/// minute, or else of each ten seconds, second or quarter of a second (systemd.timer(5),
/// AccuracySec=). `offset` is that point, in microseconds, of this machine.
std::uint64_t shared_wake_time(std::uint64_t earliest, std::uint64_t latest, std::uint64_t offset);

/// Derives `offset` from the boot id as systemd does, so that we wake up together with the host.
/// Returns 0 if `boot_id` is not valid.
std::uint64_t wake_offset(std::string_view boot_id);

/// Times of one clock at which timers, known by numbers, are to be woken, each within a span.
class WakeQueue {
public:
    explicit WakeQueue(std::uint64_t offset) : offset_(offset) {}

    /// `moment` is greater than 0.
    void set(std::uint64_t number, std::uint64_t moment, util::TimeSpan accuracy);
    void remove(std::uint64_t number);
    /// Removes and returns a number whose time has come.
    std::optional<std::uint64_t> take_due(std::uint64_t now);
    /// Returns when to wake up; 0: there is nothing to wake up for.
    std::uint64_t next() const;

private:
    std::uint64_t offset_;
    manager::Deadlines earliest_;
    manager::Deadlines latest_;
};

}  // namespace notifybridge::perform
