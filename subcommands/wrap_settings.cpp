#include "wrap_settings.hpp"

#include <array>

#include "base/cli/log.hpp"
#include "base/cli/settings.hpp"
#include "base/system/namespaces.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/number.hpp"
#include "bridge.hpp"

namespace notifybridge {
namespace {

using util::concat;

constexpr auto options = std::to_array<cli::Option>({
    {"shared-dir", 'd', "PATH",
     "the directory shared with the host's `wait` (SHARED_DIR; /shared). Where neither is given "
     "and NOTIFY_SOCKET is set, messages go straight there"},
    {"socket-mode", 0, "MODE",
     "permissions of the socket, in octal (0666 in a container, else 0600)"},
    {"allow-foreign", 0, "", "take messages of any user from other pid namespaces"},
    {"kill-after", 'k', "SPAN",
     "how long processes that the command left behind may take to end after SIGTERM (5s)"},
    {"ready-when", 0, "PROBE",
     "ready when this holds: http://HOST:PORT/PATH, tcp:HOST:PORT, unix:PATH, file:PATH, "
     "exec:COMMAND, log:REGEX, fd:N, systemd:UNIT, exit, start, notify (default). Several: all of "
     "them"},
    {"ready-http-status", 0, "LIST", "the statuses that hold, such as 200,204 (200 to 399)"},
    {"ready-status", 0, "TEXT", "the status to show from then on"},
    {"ready-timeout", 0, "SPAN", "not ready by then is a failure: status 124 (infinity)"},
    {"ready-interval", 0, "SPAN", "the longest time from one check to the next (1s)"},
    {"ready-extend", 0, "SPAN", "ask for so much more time whenever a probe gets somewhere"},
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

mode_t parse_socket_mode(const std::string& text) {
    const auto mode = util::parse_number<unsigned>(text, 8);
    if (!mode || *mode > 0777)
        throw cli::UsageError(concat("--socket-mode=", util::quote(text),
                                     " is no mode; give octal digits such as 0666"));
    return static_cast<mode_t>(*mode);
}

}  // namespace

constinit const cli::Usage wrap_usage = {
    "wrap",
    "[OPTIONS] [--] COMMAND [ARG…]",
    "Runs a command in a container and takes in what it says by sd_notify.",
    options,
    "The command gets NOTIFY_SOCKET, and WATCHDOG_USEC with WATCHDOG_PID where the host's\n"
    "unit has a watchdog. What it says goes into the shared directory, where\n"
    "`notifybridge wait` on the host reads it.\n\n"
    "Example, in a container that has the host's /run/app mounted at /shared:\n"
    "  container-notify-wrapper redis-server --supervised systemd\n\n"
    "Example, for a program that does not notify:\n"
    "  container-notify-wrapper --ready-when=http://127.0.0.1:5001/up python3 app.py\n\n"
    "Exit status: the command's; 128+N after signal N; 125 for an error of its own,\n"
    "126 where the command cannot be run, 127 where it is not found; with --ready-when\n"
    "1 where it ended with 0 before it was ready, and 124 after --ready-timeout.",
};

WrapSettings read_wrap_settings(const cli::Arguments& arguments) {
    WrapSettings settings;
    settings.shared_directory = arguments.value("shared-dir");
    if (!settings.shared_directory)
        settings.shared_directory = cli::variable("SHARED_DIR");
    if (!settings.shared_directory)
        settings.manager = manager_of_environment();
    if (!settings.shared_directory && !settings.manager)
        settings.shared_directory = "/shared";
    settings.socket_mode = system::pid_namespace() == system::initial_pid_namespace ? 0600 : 0666;
    if (const auto mode = arguments.value("socket-mode"))
        settings.socket_mode = parse_socket_mode(*mode);
    settings.kill_after =
        cli::time_span_option(arguments, "kill-after").value_or(settings.kill_after);
    settings.intake.allow_foreign = arguments.has("allow-foreign");
    settings.policy = changed_policy(relay::Policy(), arguments);
    settings.reasons = shown_reasons(arguments);
    settings.probes = read_probe_settings(arguments);
    settings.command = arguments.operands();
    if (settings.command.empty())
        throw cli::UsageError("no command is given; name the program to run, see --help");
    return settings;
}

}  // namespace notifybridge
