#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cli/log.hpp"
#include "bridge/wrap/settings.hpp"

namespace notifybridge {

inline constexpr util::Literal readiness_heading = "Readiness";
inline constexpr util::Literal liveness_heading = "Watchdog and hooks";
inline constexpr util::Literal health_heading = "Health check";
inline constexpr util::Literal on_demand_heading = "Started by a socket unit";
inline constexpr util::Literal senders_heading = "Senders";
inline constexpr util::Literal straight_heading = "Without a shared directory";

/// This option is for a `wrap` outside of a container, because only a supervisor that starts `wrap`
/// itself can pass the descriptor.
inline constexpr cli::Option notify_fd_option = {
    "notify-fd", 0, "N",
    "write a newline to this inherited descriptor once the command is ready, for s6, dinit or "
    "OpenRC; no shared directory is needed in this case",
    readiness_heading};

inline constexpr auto wrap_options = std::to_array<cli::Option>({
    {"shared-dir", 'd', "PATH",
     "use this directory, which is shared with `wait` on the host (SHARED_DIR; default: /shared, "
     "or none if NOTIFY_SOCKET is set: then messages go directly to that socket)"},
    {"stop-signal", 0, "SIGNAL",
     "send this signal to the command when SIGTERM asks for a stop (default: SIGTERM; `runtime` "
     "passes the container's stop signal)"},
    {"kill-after", 'k', "SPAN",
     "send SIGKILL to processes that the command left behind if they have not ended after SPAN "
     "(default: 5s; if the host requests the stop: as long as `wait` allows)"},
    cli::verbose_option,
    cli::log_level_option,
    cli::help_option,
    cli::version_option,
    {"ready-when", 0, "PROBE",
     "send READY=1 once this probe succeeds: listen, listen:PORT, listen:udp:PORT, "
     "listen:unix:PATH, http://HOST:PORT/PATH, tcp:HOST:PORT, unix:PATH, file:PATH, exec:COMMAND, "
     "healthy, log:REGEX, fd:N, systemd:UNIT, exit, start or notify (default: healthy if there is "
     "a health check; else the target of --proxy; else listen if ports are published; else "
     "notify). Repeatable; all probes have to succeed",
     readiness_heading},
    {"ready-timeout", 0, "SPAN",
     "fail with status 124 if the command is not ready after SPAN (default: infinity)",
     readiness_heading},
    {"ready-status", 0, "TEXT", "show this STATUS once the command is ready", readiness_heading},
    {"ready-interval", 0, "SPAN",
     "wait at most SPAN from one check to the next (default: 1s; shorter for --proxy)",
     readiness_heading},
    {"ready-extend", 0, "SPAN", "ask systemd for SPAN more time whenever a probe gets an answer",
     readiness_heading},
    {"ready-http-status", 0, "LIST",
     "accept these HTTP statuses, such as 200,204 (default: 200 to 399)", readiness_heading},
    {"published", 0, "PORTS",
     "the ports that the container publishes, such as 80,2000-2010: --ready-when=listen means them "
     "(`run` passes those of -p)",
     readiness_heading},
    {"on-ready", 0, "COMMAND", "run this with /bin/sh once the command is ready",
     readiness_heading},
    notify_fd_option,
    {"alive-when", 0, "PROBE",
     "once ready, ping the watchdog only while this probe succeeds: listen, listen:…, http://…, "
     "tcp:, unix:, file:, exec:, healthy or process",
     liveness_heading},
    {"alive-failures", 0, "N", "stop pinging after N failed checks in a row (default: 1)",
     liveness_heading},
    {"alive-interval", 0, "SPAN",
     "wait SPAN from one check to the next (default: a third of the watchdog's time; without a "
     "watchdog 10s, or the interval of the health check if that is shorter)",
     liveness_heading},
    {"on-dead", 0, "COMMAND",
     "run this when --alive-when no longer succeeds; kill: end the command", liveness_heading},
    {"on-stopping", 0, "COMMAND", "run this when the command is stopping or has ended",
     liveness_heading},
    {"health", 0, "HOW",
     "use: the health check decides whether the command is ready and alive, unless --ready-when or "
     "--alive-when is given; ignore: do not run the check; both: use the check, and let the "
     "container manager run it, too (default: use)",
     health_heading},
    {"health-cmd", 0, "COMMAND",
     "run this check in the container: a command line for /bin/sh, a JSON array, or none "
     "(`runtime` passes the container's check)",
     health_heading},
    {"health-interval", 0, "SPAN",
     "wait SPAN from one check to the next; disable: no checks (default: 30s)", health_heading},
    {"health-timeout", 0, "SPAN", "kill a check after SPAN and count it as failed (default: 30s)",
     health_heading},
    {"health-start-period", 0, "SPAN",
     "ignore failures for SPAN after the start, until the first success (default: 0s)",
     health_heading},
    {"health-start-interval", 0, "SPAN",
     "wait SPAN from one check to the next in the start period (default: 5s, or --health-interval "
     "if that is shorter)",
     health_heading},
    {"health-retries", 0, "N", "become unhealthy after N failures in a row (default: 3)",
     health_heading},
    {"health-shell", 0, "JSON",
     "run command lines with this shell, a JSON array (default: [\"/bin/sh\", \"-c\"])",
     health_heading},
    {"no-healthcheck", 0, "", "do not run the check", health_heading},
    {"proxy", 0, "TARGET",
     "once ready, accept the connections of systemd's socket, and pass them on to TARGET in the "
     "container: tcp:HOST:PORT or unix:PATH. If systemd passes several sockets, put the name of "
     "one (FileDescriptorName=) in front: NAME=tcp:HOST:PORT. To listen without a .socket unit, "
     "put an address in front: 127.0.0.1:8080=tcp:HOST:PORT. Repeatable",
     on_demand_heading},
    {"idle-timeout", 0, "SPAN",
     "end the command with status 0 after SPAN without such a connection (default: infinity)",
     on_demand_heading},
    {"proxy-connections", 0, "N",
     "accept at most N connections at once; further clients wait (default: an eighth of the hard "
     "limit on open files)",
     on_demand_heading},
    {"stop-timeout", 0, "SPAN",
     "at a stop, wait at most SPAN for the connections of --proxy to end, then send the stop "
     "signal; "
     "if --idle-timeout ends the command, send SIGKILL after SPAN (default: 10s)",
     on_demand_heading},
    {"notify-access", 0, "WHO",
     "all: accept messages of all processes; main: only of the command, and of the process that it "
     "names with MAINPID= (default: all)",
     senders_heading},
    {"watchdog-pid", 0, "",
     "set WATCHDOG_PID to the command's pid, for a library that needs it; an app that a shell or "
     "npm starts then does not ping",
     senders_heading},
    {"socket-mode", 0, "MODE",
     "give the socket these permissions, in octal (default: 0666 in a container, else 0600)",
     senders_heading},
    {"allow-foreign", 0, "", "accept messages of all users from other pid namespaces",
     senders_heading},
    {"allow", 0, "KEY", "forward this key, even if the default is to drop it", straight_heading},
    {"deny", 0, "KEY", "drop this key", straight_heading},
    {"explain", 0, "", "log for each message which rule forwards, changes or drops it",
     straight_heading},
});

extern const cli::Usage wrap_usage;

/// Reads the options about probes and hooks for a program that does not notify. Throws
/// cli::UsageError if an option is not valid.
wrap::Speaker::Options read_probe_settings(const cli::Arguments& arguments);

/// Returns the health check. Returns nullopt if there is no check or the check is not used. Throws
/// cli::UsageError if an option is not valid.
std::optional<probe::HealthSettings> read_health_settings(const cli::Arguments& arguments);

/// Returns the values of --proxy. Throws cli::UsageError if a value is not valid.
std::vector<proxy::Specification> read_proxies(const cli::Arguments& arguments);

/// Reads the options for a socket unit. Throws cli::UsageError if an option is not valid.
wrap::OnDemand::Options read_on_demand_settings(const cli::Arguments& arguments);

/// Returns the time span of an option. Returns nullopt if the option is not given. Throws
/// cli::UsageError if the span is 0 or not valid.
std::optional<std::chrono::microseconds> positive_span(const cli::Arguments& arguments,
                                                       std::string_view option);

/// Reads the options of `wrap` without its environment and command. Throws cli::UsageError if an
/// option is not valid.
wrap::Settings read_wrap_options(std::vector<std::string> options);

/// Throws cli::UsageError if an option of `wrap` is not valid.
inline void check_wrap_options(std::vector<std::string> options) {
    read_wrap_options(std::move(options));
}

/// Reads the command line and the environment. Throws cli::UsageError if a value is not valid.
wrap::Settings read_wrap_settings(const cli::Arguments& arguments);

}  // namespace notifybridge
