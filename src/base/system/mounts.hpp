#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "base/system/fd.hpp"

namespace notifybridge::system {

/// The places of mounts that may hang for ever, as another machine or a program (FUSE) serves them,
/// which may be dead: all but those of file systems that are known to be of this kernel and its
/// disks. "/" is not among them: where that hangs, so do we.
using SlowMounts = std::set<std::string, std::less<>>;

/// Those in the text of a /proc/PID/mountinfo (proc(5)).
SlowMounts slow_mounts_in(std::string_view mountinfo);

/// Whether an absolute path leads over one of them, links included; none is touched to find that
/// out. Of a pattern (glob(7)): whether a path that it matches may.
bool leads_over(const SlowMounts& mounts, std::string_view path);

/// The mounts that we see ourselves, as they are at the time.
class Mounts {
public:
    Mounts();

    /// Whether to look at what is at this path may keep us waiting.
    bool may_hang(std::string_view path) { return leads_over(current(), path); }
    /// Whether there is any path of that kind.
    bool are_any_slow() { return !current().empty(); }

private:
    const SlowMounts& current();

    UniqueFd file_;  ///< poll(2) of it tells that the mounts have changed.
    SlowMounts slow_;
};

}  // namespace notifybridge::system
