#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "init/perform/path_watch.hpp"
#include "init/perform/poller.hpp"

namespace notifybridge::perform {

/// Wakes up at a time of day, and notices when the clock jumps (timerfd_create(2),
/// TFD_TIMER_CANCEL_ON_SET) or the time zone changes. It has a descriptor only while it runs.
class WallClock {
public:
    /// `local_time` is the link that says which time zone is the local one (localtime(5)).
    explicit WallClock(Poller& poller, std::string local_time = "/etc/localtime")
        : poller_(poller), zone_(poller), local_time_(std::move(local_time)) {}
    ~WallClock() { stop(); }
    WallClock(const WallClock&) = delete;
    WallClock& operator=(const WallClock&) = delete;

    std::function<void()> on_time;
    std::function<void()> on_clock_change;
    std::function<void()> on_zone_change;

    /// Starts, or moves the time: in microseconds since 1970; 0: only notices changes. Throws
    /// std::system_error.
    void run(std::uint64_t moment);
    void stop();

private:
    /// Which file the link of the local time zone is.
    struct ZoneFile {
        std::uint64_t device = 0;
        std::uint64_t inode = 0;
        std::int64_t changed = 0;  ///< In nanoseconds.

        bool operator==(const ZoneFile&) const = default;
    };

    ZoneFile zone_file() const;
    void open();
    int set(std::uint64_t moment);
    void read();
    void look_at_zone();

    Poller& poller_;
    PathWatch zone_;
    std::string local_time_;
    ZoneFile zone_file_;
    system::UniqueFd timer_;
    std::uint64_t moment_ = 0;
    bool has_jumped_ = false;  ///< The clock has, and nobody was told yet.
};

}  // namespace notifybridge::perform
