#include "bridge/relay/main_process.hpp"

#include <signal.h>
#include <sys/types.h>

#include <cerrno>
#include <string>

#include "base/cli/settings.hpp"
#include "base/process/inherited_fds.hpp"
#include "base/util/concat.hpp"
#include "base/util/log.hpp"
#include "base/util/number.hpp"
#include "base/util/tags.hpp"

namespace notifybridge::relay {

using util::concat;

void warn_of_main_process() {
    const auto pid =
        util::parse_number<pid_t>(cli::variable("SYSTEMD_EXEC_PID").value_or(std::string()));
    // Other programs that set NOTIFY_SOCKET accept messages from any process.
    const bool is_systemd =
        cli::variable("NOTIFY_SOCKET").value_or(std::string()).ends_with("/systemd/notify");
    if (!pid || !is_systemd || process::is_meant_for_us(concat(*pid)))
        return;
    // EPERM means that the process exists: under su, the main process belongs to another user.
    if (::kill(*pid, 0) < 0 && errno == ESRCH)
        return;
    util::log(util::Severity::warning, util::Topic::messages,
              "the main process of the unit is pid ", *pid,
              ", and not this process; systemd ignores messages of this process unless "
              "NotifyAccess=all is set; start notifybridge with `exec` in the script of "
              "ExecStart=, and use User= instead of su or sudo ",
              tags::other_main_pid);
}

}  // namespace notifybridge::relay
