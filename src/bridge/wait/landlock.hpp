#pragma once

#include <boost/system/error_code.hpp>
#include <vector>

#include "base/system/error.hpp"
#include "base/system/fd.hpp"

/// Uses Landlock (landlock(7), Linux 5.13). A process gives up access to files for itself and its
/// children, and can never get this access back.
namespace notifybridge::wait {

/// Returns the version of Landlock in this kernel. Returns ENOSYS if the kernel was built without
/// Landlock, and EOPNOTSUPP if Landlock was disabled at boot.
system::Result<int> landlock_version();

/// Restricts this process, which must have no_new_privs. The process can then open, create, rename
/// and remove only regular files in and below `directories`. The process can read below /proc, and
/// cannot bind or connect TCP sockets. Open files stay open. `version` is at most the kernel's
/// version of Landlock. A lower version refuses less. If this function returns an error, nothing
/// has changed.
boost::system::error_code restrict_files(const std::vector<system::Fd>& directories, int version);

}  // namespace notifybridge::wait
