#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace notifybridge::calendar {

/// Returns whether `name` has the form of a time zone's name. Does not check that the time zone
/// exists.
bool is_zone_name(std::string_view name);

/// Returns whether the time zone database in /usr/share/zoneinfo has the zone, such as
/// "Europe/Berlin".
bool zone_exists(std::string_view name);

/// The names of standard time and summer time in the local zone: "CET", "CEST".
struct LocalNames {
    std::string standard;
    std::string summer;
};
LocalNames local_names();

/// A scope in which localtime_r(3) and mktime(3) use the given time zone. An empty name means local
/// time. The constructor sets the variable TZ, so the process must have only one thread.
class ZoneScope {
public:
    explicit ZoneScope(const std::string& name);
    ZoneScope(const ZoneScope&) = delete;
    ZoneScope& operator=(const ZoneScope&) = delete;
    ~ZoneScope();

    /// Returns the local time of this zone at `time`.
    std::tm local(std::time_t time) const;

    /// Returns the first time after `after` at which the clocks of this zone show `local`. Returns
    /// nullopt if the clocks skip `local`. If the clocks show an hour twice, `is_summer_time`
    /// selects one of the two.
    std::optional<std::time_t> time_of(const std::tm& local, std::time_t after,
                                       std::optional<bool> is_summer_time) const;

private:
    bool changes_ = false;
    std::optional<std::string> before_;
};

}  // namespace notifybridge::calendar
