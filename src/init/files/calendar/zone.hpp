#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::calendar {

/// The difference between local time and UTC, and its name in the zone, such as "CEST".
struct LocalTime {
    std::int64_t offset = 0;  ///< Local time minus UTC, in seconds.
    bool is_summer_time = false;
    std::string name = "UTC";
};

/// A time zone: a list of the moments at which its clocks change. A default zone is UTC.
class Zone {
public:
    /// The clocks do not change from `begin` to `end`, in seconds since 1970.
    struct Period {
        std::int64_t begin;
        std::int64_t end;  ///< `end_of_time` if the clocks never change again.
        std::int64_t offset;
        bool is_summer_time;
    };
    static constexpr std::int64_t end_of_time = std::numeric_limits<std::int64_t>::max();

    Zone() : Zone({{}}, 0) {}
    /// Creates a zone with these local times, which are numbered from 0. It has the time `first`
    /// until the first change.
    Zone(std::vector<LocalTime> times, std::size_t first);

    std::size_t add_time(LocalTime time);
    /// Adds a change to the time with this number. Ignores a moment before the last change.
    void add_change(std::int64_t moment, std::size_t time);

    Period period_at(std::int64_t moment) const;
    std::int64_t last_change() const { return changes_.back().moment; }

    /// Returns the last name of summer time, or of standard time. If the zone never had such a
    /// time, returns the name of the other one, as tzset(3) does.
    const std::string& name(bool of_summer_time) const;

private:
    struct Change {
        std::int64_t moment;
        std::size_t time;
    };

    std::vector<LocalTime> times_;
    std::vector<Change> changes_;  ///< The first one is at the beginning of time.
};

/// Adds the changes of a rule (POSIX, variable TZ), such as "CET-1CEST,M3.5.0,M10.5.0/3". Begins
/// after the last change of the zone, and ends with `last_year`. Returns false if `rule` is not
/// valid.
bool add_rule(Zone& zone, std::string_view rule);

/// Returns the zone that a rule describes, or nullopt if `rule` is not valid.
std::optional<Zone> read_zone_rule(std::string_view rule);

/// Reads a file of the time zone database (tzfile(5), RFC 8536), and ignores its leap seconds.
/// Returns nullopt if `content` is not such a file, or has no times of 64 bits.
std::optional<Zone> read_zone_file(std::string_view content);

}  // namespace notifybridge::calendar
