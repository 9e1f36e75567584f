#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace notifybridge::process {

/// The unit of systemd that a process belongs to.
struct CgroupUnit {
    std::string name;           ///< The unit's name: "app.service"; empty if there is none.
    std::optional<uid_t> user;  ///< The user of the service manager that runs the unit; nullopt
                                ///< for the system manager.

    bool is_service() const { return name.ends_with(".service"); }
    bool operator==(const CgroupUnit&) const = default;
};

/// Reads the unit from `text` (/proc/PID/cgroup) as systemd does (sd_pid_get_unit(3)). The unit is
/// the first component of the path that is not a slice. If this component is user@UID.service, the
/// unit is the next one that is not a slice. Later components do not matter.
CgroupUnit unit_in_cgroup(std::string_view text);

/// Returns the unit of a process. `process` is a name in /proc: a pid, or "self".
CgroupUnit unit_of_process(std::string_view process);

}  // namespace notifybridge::process
