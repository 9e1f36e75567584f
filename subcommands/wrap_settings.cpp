#include "wrap_settings.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <variant>

#include "base/cli/log.hpp"
#include "base/cli/settings.hpp"
#include "base/process/inherited_fds.hpp"
#include "base/process/pid1_handover.hpp"
#include "base/process/proc.hpp"
#include "base/system/namespaces.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/function_ref.hpp"
#include "base/util/log.hpp"
#include "base/util/number.hpp"
#include "base/util/signal_names.hpp"
#include "bridge.hpp"
#include "bridge/channel/directory.hpp"
#include "wait_settings.hpp"

namespace notifybridge {
namespace {

using util::concat;

mode_t parse_socket_mode(const std::string& text) {
    const auto mode = util::parse_number<unsigned>(text, 8);
    if (!mode || *mode > 0777)
        throw cli::UsageError(concat("--socket-mode=", util::quote(text),
                                     " is not a mode; give octal digits such as 0666"));
    return static_cast<mode_t>(*mode);
}

int parse_stop_signal(const std::string& text) {
    const auto signal = util::parse_signal_in_any_case(text);
    if (!signal)
        throw cli::UsageError(concat("--stop-signal=", util::quote(text),
                                     " is not a signal; give a name or a number, such as SIGINT, "
                                     "RTMIN+3 or 2"));
    return *signal;
}

constexpr int lowest_notify_fd = 3;
constexpr int highest_notify_fd = 1023;

int parse_notify_fd(const std::string& text) {
    const auto number = util::parse_number<int>(text);
    if (!number || *number < lowest_notify_fd || *number > highest_notify_fd)
        throw cli::UsageError(concat("--notify-fd=", util::quote(text),
                                     " is not a valid descriptor; give the number that the "
                                     "supervisor uses, from ",
                                     lowest_notify_fd, " to ", highest_notify_fd));
    return *number;
}

/// Takes over the descriptor that a supervisor gave us. Throws cli::UsageError if we cannot write
/// to the descriptor.
system::UniqueFd take_notify_fd(int number) {
    const auto refuse = [number](std::string_view reason) {
        throw cli::UsageError(concat("--notify-fd=", number, ": ", reason));
    };
    const int flags = ::fcntl(number, F_GETFD);
    // A close-on-exec descriptor was not passed: this process has opened it.
    if (flags < 0 || (flags & FD_CLOEXEC) != 0)
        refuse(
            "this descriptor was not passed; s6 needs a file notification-fd with this number, "
            "dinit "
            "\"ready-notification = pipefd:N\", OpenRC notify=fd:N");
    if ((::fcntl(number, F_GETFL) & O_ACCMODE) == O_RDONLY)
        refuse(
            "the descriptor cannot be written to; give the descriptor from which the supervisor "
            "reads");
    for (const system::Fd fd : process::inherited_fds())
        if (fd.get() == number)
            refuse(
                "systemd passed this socket for the command (LISTEN_FDS); give another descriptor");
    ::fcntl(number, F_SETFD, FD_CLOEXEC);
    return system::UniqueFd(number);
}

wrap::NotifyAccess parse_notify_access(const std::string& text) {
    if (text != "all" && text != "main")
        throw cli::UsageError(
            concat("--notify-access=", util::quote(text), " is not known; give all or main"));
    return text == "main" ? wrap::NotifyAccess::main : wrap::NotifyAccess::all;
}

}  // namespace

constinit const cli::Usage wrap_usage = {
    "wrap",
    "[OPTIONS] [--] COMMAND [ARG…]",
    "Runs a command in a container, and passes its sd_notify messages to the host.",
    wrap_options,
    "The command gets NOTIFY_SOCKET, and WATCHDOG_USEC if the host's unit has a watchdog.\n"
    "Its messages go into the shared directory, where `notifybridge wait` on the host reads\n"
    "them.\n\n"
    "Example, in a container that has the host's /run/app mounted at /shared:\n"
    "  container-notify-wrapper redis-server --supervised systemd\n\n"
    "Example, for a program that does not notify:\n"
    "  container-notify-wrapper --ready-when http://127.0.0.1:5001/up python3 app.py\n\n"
    "Exit status: the command's; 128+N after signal N; 125 for an error of `wrap` itself, 126\n"
    "if the command cannot be run, 127 if it is not found. With --ready-when: 1 if the command\n"
    "ended with 0 before it was ready, 124 after --ready-timeout.",
    wait_options,
    "host-notify-waiter, on the host",
};

namespace {

/// Refuses probes that need the command as our child. We cannot see the output or the exit status
/// of other processes.
void check_beside_pid1(const wrap::Speaker::Options& probes) {
    for (const probe::Specification& specification : probes.ready_when)
        if (std::holds_alternative<probe::LogTarget>(specification.target)
            || std::holds_alternative<probe::DescriptorTarget>(specification.target)
            || std::holds_alternative<probe::ExitTarget>(specification.target))
            throw cli::UsageError(
                "--ready-when=log:, fd: and exit are not possible for a command that has to be PID "
                "1, such as an init; use another probe, such as notify or tcp:");
}

wrap::Settings read_options(const cli::Arguments& arguments) {
    wrap::Settings settings;
    settings.shared_directory = arguments.value("shared-dir");
    settings.socket_mode = system::pid_namespace() == system::initial_pid_namespace ? 0600 : 0666;
    if (const auto mode = arguments.value("socket-mode"))
        settings.socket_mode = parse_socket_mode(*mode);
    settings.kill_after =
        cli::time_span_option(arguments, "kill-after").value_or(settings.kill_after);
    settings.limits_orphans = arguments.has("kill-after");
    if (const auto signal = arguments.value("stop-signal"))
        settings.stop_signal = parse_stop_signal(*signal);
    settings.intake.allow_foreign = arguments.has("allow-foreign");
    if (const auto access = arguments.value("notify-access"))
        settings.notify_access = parse_notify_access(*access);
    if (arguments.has("watchdog-pid"))
        settings.watchdog_pid = wrap::WatchdogPid::command;
    settings.policy = changed_policy(relay::Policy(), arguments);
    settings.reasons = shown_reasons(arguments);
    settings.probes = read_probe_settings(arguments);
    settings.on_demand = read_on_demand_settings(arguments);
    settings.command = arguments.operands();
    return settings;
}

}  // namespace

wrap::Settings read_wrap_options(std::vector<std::string> options) {
    options.emplace_back("--");
    options.emplace_back("command");
    const cli::Arguments arguments = cli::parse(wrap_usage, options);
    for (const cli::Option& option : {cli::help_option, cli::version_option})
        if (arguments.has(option.name))
            throw cli::UsageError(
                concat("--", option.name,
                       " is not allowed for a container: `wrap` would not start the command"));
    cli::set_up_log(arguments);
    wrap::Settings settings = read_options(arguments);
    if (settings.command.size() > 1)
        throw cli::UsageError(concat(util::quote(settings.command.front()),
                                     " is not an option; quote a value that has a space, such as "
                                     "\"--alive-when=exec:redis-cli ping\""));
    return settings;
}

namespace {

/// Returns the default shared directory. Throws DirectoryError if it does not exist.
std::string usual_directory() {
    const char* const path = "/shared";
    if (::access(path, F_OK) == 0 || errno != ENOENT)
        return path;
    throw channel::DirectoryError(
        "neither NOTIFY_SOCKET nor SHARED_DIR is set, and /shared does not exist; set Type=notify "
        "in the unit, or Notify=true in a .container file; otherwise mount the host's directory, "
        "as in `-v "
        "/run/app:/shared:Z`");
}

/// Returns the option whose probe has this property: "--alive-when" or "--ready-when". Returns an
/// empty text if none has it.
std::string_view option_with(const wrap::Speaker::Options& probes,
                             util::FunctionRef<bool(const probe::Target&)> has_property) {
    const auto is_found = [&](const probe::Specification& specification) {
        return has_property(specification.target);
    };
    if (probes.alive_when && is_found(*probes.alive_when))
        return "--alive-when";
    return std::ranges::any_of(probes.ready_when, is_found) ? "--ready-when" : "";
}

/// Refuses `listen` without a port if no port is published.
void check_ports(const wrap::Speaker::Options& probes) {
    const auto faulty = option_with(probes, [](const probe::Target& target) {
        const auto* const listen = std::get_if<probe::ListenTarget>(&target);
        return listen && listen->ports.empty();
    });
    if (!faulty.empty())
        throw cli::UsageError(
            concat(faulty,
                   "=listen: no port is known; give the port that the app listens on, as in "
                   "listen:8080, or publish a TCP port of the container with -p"));
}

/// Checks options that depend on a health check, which the image may not have.
void check_health(const cli::Arguments& arguments, const wrap::Speaker::Options& probes) {
    if (probes.health)
        return;
    const auto faulty = option_with(probes, [](const probe::Target& target) {
        return std::holds_alternative<probe::HealthyTarget>(target);
    });
    if (!faulty.empty())
        throw cli::UsageError(concat(
            faulty,
            "=healthy: there is no health check, or the check is not used (--health=ignore, "
            "--no-healthcheck, --health-interval=disable); give --health-cmd= or another probe"));
    for (const cli::Option& option : wrap_options)
        if (option.name.view().starts_with("health-") && option.name != "health-cmd"
            && arguments.has(option.name) && !arguments.has("health-cmd"))
            util::log(util::Severity::warning, util::Topic::process, "ignoring --", option.name,
                      ": there is no health check; give --health-cmd=");
}

}  // namespace

wrap::Settings read_wrap_settings(const cli::Arguments& arguments) {
    wrap::Settings settings = read_options(arguments);
    check_health(arguments, settings.probes);
    check_ports(settings.probes);
    if (settings.command.empty())
        throw cli::UsageError("no command is given; name the program to run; see --help");
    if (!settings.shared_directory)
        settings.shared_directory = cli::variable("SHARED_DIR");
    if (!settings.shared_directory)
        settings.manager = manager_of_environment();
    if (const auto number = arguments.value(notify_fd_option.name))
        settings.ready_descriptor = take_notify_fd(parse_notify_fd(*number));
    if (!settings.shared_directory && !settings.manager && !settings.ready_descriptor)
        settings.shared_directory = usual_directory();
    settings.hands_over_pid1 = process::is_pid1() && process::needs_pid1(settings.command);
    if (settings.hands_over_pid1)
        check_beside_pid1(settings.probes);
    return settings;
}

}  // namespace notifybridge
