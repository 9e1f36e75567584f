#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "base/system/fd.hpp"

namespace notifybridge::system {

/// The mount points that may hang forever, because another machine or a program (FUSE) serves them
/// and may be dead. Local file systems of known types are not included. "/" is not included either:
/// if it hangs, we hang anyway.
using SlowMounts = std::set<std::string, std::less<>>;

/// Returns the slow mount points in the text of /proc/PID/mountinfo (proc(5)).
SlowMounts slow_mounts_in(std::string_view mountinfo);

/// Returns whether an absolute path crosses one of `mounts`, directly or through links. Does not
/// access the mounts. If `path` is a pattern (glob(7)), returns whether a matching path may cross
/// one of them.
bool leads_over(const SlowMounts& mounts, std::string_view path);

/// Returns whether the text of /proc/PID/mountinfo has a mount at this path.
bool has_mount_at(std::string_view mountinfo, std::string_view path);

/// The current slow mounts of this process.
class Mounts {
public:
    Mounts();

    /// Returns whether accessing `path` may block.
    bool may_hang(std::string_view path) { return leads_over(current(), path); }
    /// Returns whether `path` is a mount point. Does not access `path`, and follows no links.
    static bool is_mounted(std::string_view path);
    /// Returns whether there are slow mounts at all.
    bool are_any_slow() { return !current().empty(); }

private:
    const SlowMounts& current();

    UniqueFd file_;  ///< The open mountinfo file; poll(2) on it reports changes of the mounts.
    SlowMounts slow_;
};

}  // namespace notifybridge::system
