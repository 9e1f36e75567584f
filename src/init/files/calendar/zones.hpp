#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "init/files/calendar/zone.hpp"

namespace notifybridge::calendar {

/// Returns whether `name` has the form of a time zone's name. Does not check that the time zone
/// exists.
bool is_zone_name(std::string_view name);

/// Returns whether the time zone database in /usr/share/zoneinfo has the zone, such as
/// "Europe/Berlin".
bool zone_exists(std::string_view name);

/// The time zones of this system. Reads the file of a zone only once, and again after a change.
class Zones {
public:
    /// Returns the zone "Europe/Berlin". If `name` is empty, returns the zone of the variable TZ,
    /// or else of /etc/localtime. Returns UTC if the zone cannot be read. The reference is valid
    /// until the zone is read again.
    const Zone& find(const std::string& name);

private:
    struct Version {
        dev_t device = 0;
        ino_t inode = 0;
        std::int64_t changed = 0;  ///< In nanoseconds.

        bool operator==(const Version&) const = default;
    };
    struct Known {
        Version version;  ///< Zero if there is no file.
        Zone zone;
    };

    std::map<std::string, Known> known_;
};

}  // namespace notifybridge::calendar
