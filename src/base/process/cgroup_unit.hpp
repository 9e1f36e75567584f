#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace notifybridge::process {

/// The unit of systemd that a process belongs to.
struct CgroupUnit {
    std::string name;           ///< "app.service", "session-1.scope"; empty if there is none.
    std::optional<uid_t> user;  ///< Whose service manager has the unit; nothing: the system's.

    bool is_service() const { return name.ends_with(".service"); }
    bool operator==(const CgroupUnit&) const = default;
};

/// Reads the unit from the text of /proc/PID/cgroup as systemd does (sd_pid_get_unit(3)): it is the
/// first component below the slices, and below user@UID.service the first below its slices. What is
/// below the unit's own part is named by the unit, and says nothing.
CgroupUnit unit_in_cgroup(std::string_view text);

}  // namespace notifybridge::process
