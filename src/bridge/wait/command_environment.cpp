#include "bridge/wait/command_environment.hpp"

namespace notifybridge::wait {

void remove_systemd_variables(process::Environment& environment) {
    for (const char* const name : {"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_PID",
                                   "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID", "FDSTORE"})
        environment.unset(name);
}

}  // namespace notifybridge::wait
