#pragma once

#include <boost/system/error_code.hpp>
#include <vector>

#include "base/system/error.hpp"
#include "base/system/fd.hpp"

/// Landlock (landlock(7), Linux 5.13): a process gives up access to files for itself and its
/// children, and cannot get it back.
namespace notifybridge::wait {

/// Returns the version of Landlock in this kernel. Returns ENOSYS if the kernel was built without
/// it, or EOPNOTSUPP if it was disabled at boot.
system::Result<int> landlock_version();

/// Restricts this process, which must have no_new_privs. From then on it opens, creates, renames
/// and removes only regular files in and below `directories`, reads below /proc, and makes no TCP
/// connection. Open files stay open. `version` is at most the kernel's; a lower one refuses less.
/// On error nothing changes.
boost::system::error_code restrict_files(const std::vector<system::Fd>& directories, int version);

}  // namespace notifybridge::wait
