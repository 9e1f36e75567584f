#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace notifybridge::process {

/// The unit of systemd that a process belongs to.
struct CgroupUnit {
    std::string name;           ///< The unit's name: "app.service"; empty if there is none.
    std::optional<uid_t> user;  ///< The user of the service manager that has the unit; nullopt for
                                ///< the system manager.

    bool is_service() const { return name.ends_with(".service"); }
    bool operator==(const CgroupUnit&) const = default;
};

/// Reads the unit from the text of /proc/PID/cgroup as systemd does (sd_pid_get_unit(3)). The unit
/// is the first component below the slices. If this component is user@UID.service, the unit is the
/// first component below the slices in it. Deeper components are inside the unit and do not matter.
CgroupUnit unit_in_cgroup(std::string_view text);

}  // namespace notifybridge::process
