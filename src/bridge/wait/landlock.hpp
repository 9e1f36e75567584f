#pragma once

#include <boost/system/error_code.hpp>
#include <vector>

#include "base/system/error.hpp"
#include "base/system/fd.hpp"

/// Landlock (landlock(7), Linux 5.13): a process gives up files for itself and its children, and
/// cannot take them back.
namespace notifybridge::wait {

/// The version of its interface that this kernel has. ENOSYS where it was left out of the kernel,
/// EOPNOTSUPP where it was switched off at boot.
system::Result<int> landlock_version();

/// From here on this process, which must have no_new_privs, opens, makes, renames and removes
/// nothing but regular files in `directories` and below, reads what is below /proc, and makes no
/// TCP connection. Files that are open already stay so. `version` is at most the kernel's; a lower
/// one refuses less. An error leaves all as it was.
boost::system::error_code restrict_files(const std::vector<system::Fd>& directories, int version);

}  // namespace notifybridge::wait
