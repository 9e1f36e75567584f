#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace notifybridge::calendar {

/// Returns whether the time zone database of this root has the zone: "Europe/Berlin".
bool zone_exists(std::string_view name);

/// The names of standard and summer time in the local zone: "CET", "CEST".
struct LocalNames {
    std::string standard;
    std::string summer;
};
LocalNames local_names();

/// Makes a time zone the one of localtime_r(3) and mktime(3), until the end of its scope. An empty
/// name stands for local time. Not for several threads: it sets the variable TZ.
class ZoneScope {
public:
    explicit ZoneScope(const std::string& name);
    ZoneScope(const ZoneScope&) = delete;
    ZoneScope& operator=(const ZoneScope&) = delete;
    ~ZoneScope();

    /// Returns local time in this zone.
    std::tm local(std::time_t time) const;

    /// Returns the first time after `after` at which the clocks of this zone show `local`, or
    /// nullopt if they never do: they may skip an hour, or repeat one. `is_summer_time` selects one
    /// of the two.
    std::optional<std::time_t> time_of(const std::tm& local, std::time_t after,
                                       std::optional<bool> is_summer_time) const;

private:
    bool changes_ = false;
    std::optional<std::string> before_;
};

}  // namespace notifybridge::calendar
