#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "base/event/path_watch.hpp"
#include "base/event/poller.hpp"

namespace notifybridge::perform {

/// A clock that wakes the manager at a time of day. It also reports jumps of the clock
/// (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET) and changes of the time zone. It has a descriptor
/// only while it runs.
class WallClock {
public:
    /// Creates a clock that does not run yet. `local_time` is the link to the local time zone
    /// (localtime(5)).
    explicit WallClock(event::Poller& poller, std::string local_time = "/etc/localtime")
        : poller_(poller), zone_(poller), local_time_(std::move(local_time)) {}
    ~WallClock() { stop(); }
    WallClock(const WallClock&) = delete;
    WallClock& operator=(const WallClock&) = delete;

    std::function<void()> on_time;
    std::function<void()> on_clock_change;
    std::function<void()> on_zone_change;

    /// Starts the clock, or changes its time. `moment` is in microseconds since 1970. If `moment`
    /// is 0, the clock only reports changes. Throws std::system_error on failure.
    void run(std::uint64_t moment);
    void stop();

private:
    /// The identity of the link to the local time zone, and not of the target of the link.
    struct ZoneFile {
        std::uint64_t device = 0;
        std::uint64_t inode = 0;
        std::int64_t changed = 0;  ///< The time of the last change, in nanoseconds.

        bool operator==(const ZoneFile&) const = default;
    };

    ZoneFile zone_file() const;
    void open();
    int set(std::uint64_t moment);
    void read();
    void look_at_zone();

    event::Poller& poller_;
    event::PathWatch zone_;
    std::string local_time_;
    ZoneFile zone_file_;
    system::UniqueFd timer_;
    std::uint64_t moment_ = 0;
    bool has_jumped_ = false;  ///< Whether the clock has jumped, and the jump was not reported yet.
};

}  // namespace notifybridge::perform
