#pragma once

#include <string>
#include <vector>

#include "init/ctl/context.hpp"
#include "init/files/install/installer.hpp"

namespace notifybridge::ctl {

struct SysvOutcome {
    /// Whether systemd-sysv-install failed. In this case, it has already printed the reason.
    bool has_failed = false;
    bool is_any_enabled = false;  ///< Whether is-enabled found an enabled service.
};

/// Lets systemd-sysv-install enable, disable or check the services that have a script in
/// /etc/init.d, as systemctl does. Removes each of these services from `names` if it has no unit
/// file. A unit file that a generator wrote does not count. For is-enabled, prints the result.
///
/// Does nothing with --global, if systemd-sysv-install does not exist, or if $SYSTEMCTL_SKIP_SYSV
/// is true.
SysvOutcome pass_to_sysv(const Context& context, const install::Installer& installer,
                         std::vector<std::string>& names);

}  // namespace notifybridge::ctl
