#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/cli/log.hpp"
#include "bridge/wrap/settings.hpp"

namespace notifybridge {

inline constexpr auto wrap_options = std::to_array<cli::Option>({
    {"shared-dir", 'd', "PATH",
     "the directory shared with the host's `wait` (SHARED_DIR; /shared). Where neither is given "
     "and NOTIFY_SOCKET is set, messages go straight there"},
    {"socket-mode", 0, "MODE",
     "permissions of the socket, in octal (0666 in a container, else 0600)"},
    {"allow-foreign", 0, "", "take messages of any user from other pid namespaces"},
    {"notify-access", 0, "WHO",
     "whose messages count: all (default), or main, only the command's and those of the process "
     "that it names by MAINPID="},
    {"watchdog-pid", 0, "",
     "set WATCHDOG_PID to the command's pid, for a library that wants it; then an app below a "
     "shell or npm does not ping"},
    {"kill-after", 'k', "SPAN",
     "how long processes that the command left behind may take to end (5s; in a stop by the host, "
     "as long as `wait` gives)"},
    {"stop-signal", 0, "SIGNAL",
     "ask the command to end by this signal if SIGTERM asks for it (default: SIGTERM; `runtime` "
     "gives the container's own)"},
    {"ready-when", 0, "PROBE",
     "ready when this holds: http://HOST:PORT/PATH, tcp:HOST:PORT, unix:PATH, file:PATH, "
     "exec:COMMAND, log:REGEX, fd:N, systemd:UNIT, exit, start, notify (default). Several: all of "
     "them"},
    {"ready-http-status", 0, "LIST", "the statuses that hold, such as 200,204 (200 to 399)"},
    {"ready-status", 0, "TEXT", "the status to show from then on"},
    {"ready-timeout", 0, "SPAN", "not ready by then is a failure: status 124 (infinity)"},
    {"ready-interval", 0, "SPAN", "the longest time from one check to the next (1s)"},
    {"ready-extend", 0, "SPAN", "ask for so much more time each time that a probe answers"},
    {"alive-when", 0, "PROBE",
     "once ready, ping the watchdog only while this holds: http://…, tcp:, unix:, file:, exec:, "
     "process"},
    {"alive-failures", 0, "N", "so many checks in a row have to fail (1)"},
    {"alive-interval", 0, "SPAN",
     "from one check to the next (a third of the watchdog's time; 10s without one)"},
    {"on-ready", 0, "COMMAND", "run this by /bin/sh once it is ready"},
    {"on-stopping", 0, "COMMAND", "run this when it stops, or has ended"},
    {"on-dead", 0, "COMMAND", "run this when --alive-when no longer holds; kill: end it"},
    {"allow", 0, "KEY", "straight: let this key through, whatever the default"},
    {"deny", 0, "KEY", "straight: do not let this key through"},
    {"explain", 0, "",
     "straight: say of each message which rule forwards, changes or drops what is in it"},
    cli::verbose_option,
    cli::log_level_option,
    cli::help_option,
    cli::version_option,
});

extern const cli::Usage wrap_usage;

/// What `wrap` is to find out, and to do, for a program that does not notify. Throws
/// cli::UsageError.
wrap::Speaker::Options read_probe_settings(const cli::Arguments& arguments);

/// Whether `wrap` takes these options, whatever its environment and command are. Throws
/// cli::UsageError where not.
void check_wrap_options(std::vector<std::string> options);

/// Throws cli::UsageError.
wrap::Settings read_wrap_settings(const cli::Arguments& arguments);

}  // namespace notifybridge
