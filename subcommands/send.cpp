#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/cli/log.hpp"
#include "base/cli/settings.hpp"
#include "base/system/pidfd.hpp"
#include "base/system/streams.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "bridge/send/failure.hpp"
#include "bridge/send/launch.hpp"
#include "bridge/send/notification.hpp"
#include "bridge/send/passed_fds.hpp"
#include "bridge/send/source.hpp"
#include "subcommands.hpp"

namespace notifybridge {
namespace send_command {
namespace {

using send::Failure;
using util::concat;

constexpr util::Literal rarely = "Commands and descriptors";

constexpr auto options = std::to_array<cli::Option>({
    {"ready", 0, "", "report that the service is ready, or has reloaded (READY=1)"},
    {"reloading", 0, "",
     "report that the service is reloading its configuration (RELOADING=1, with the time)"},
    {"stopping", 0, "", "report that the service is stopping (STOPPING=1)"},
    {"status", 0, "TEXT", "describe in one line what the service is doing (STATUS=)"},
    {"pid", 0, "[PID]",
     "name the service's main process (MAINPID=): a pid, self, parent or auto (the parent, unless "
     "that is the service manager); send the message as that process"},
    {"no-block", 0, "", "do not wait until the service manager has processed the message"},
    {"shared-dir", 'd', "PATH",
     "send to the `wrap` of this shared directory instead of NOTIFY_SOCKET"},
    {"booted", 0, "", "send nothing; exit with 0 if this system was booted with systemd, else 1"},
    cli::help_option,
    cli::version_option,
    {"exec", 0, "", "after the message, execute the command that follows a ';' operand", rarely},
    {"fork", 0, "", "start a command, wait for its READY=1, print its pid and exit", rarely},
    {"quiet", 'q', "", "with --fork: do not print the pid", rarely},
    {"fd", 0, "FD", "pass this open file descriptor to the service manager (FDSTORE=1); repeatable",
     rarely},
    {"fdname", 0, "NAME", "name the descriptors (FDNAME=)", rarely},
    {"uid", 0, "USER", "send as this user, a name or a number; only for root", rarely},
});

constexpr cli::Usage usage = {
    "send",
    "[OPTIONS] [VARIABLE=VALUE…]\n"
    "       … [OPTIONS] --exec [VARIABLE=VALUE…] ';' COMMAND [ARG…]\n"
    "       … [OPTIONS] --fork -- COMMAND [ARG…]",
    "Tells the service manager about a service, as systemd-notify does.",
    options,
    "An operand replaces an option that sets the same variable; sd_notify(3) lists the\n"
    "variables. For root, the message comes from the calling process. For others it comes\n"
    "from `send`, so the unit needs NotifyAccess=all.\n\n"
    "Example, in a script:\n"
    "  notifybridge send --ready --status='Waiting for data'\n\n"
    "Exit status: 0; 1 on failure, or if the message is not processed within 5 seconds.\n"
    "With --fork: 0 once the command is ready; otherwise the command's, 1 after a signal, 203\n"
    "if it cannot be run.",
};

// systemd exits with this status if it cannot execute a command (EXIT_EXEC, systemd.exec(5)).
constexpr int status_exec_failed = 203;

struct Settings {
    send::Notification notification;
    std::vector<std::string> exec;  ///< The command to execute after the message is sent.
};

void read_main_pid(const std::string& text, send::Notification& notification) {
    const auto pid = send::parse_main_pid(text);
    const auto pidfd =
        pid ? system::open_pidfd(*pid) : system::Result<system::UniqueFd>(pid.error());
    if (!pidfd)
        throw Failure(concat("Failed to refer to --pid='", text,
                             "': ", system::describe(pidfd.error().value())));
    notification.source = *pid;
    notification.announcement.main_pid = *pid;
    notification.announcement.main_pidfd_id = system::pidfd_id(*pidfd);
}

system::Resolved read_user(const std::string& text) {
    const auto user = system::resolve_user(system::read_passwd(), text);
    if (!user)
        throw Failure(
            concat("Can't resolve user ", text, ": ", system::describe(user.error().value())));
    return *user;
}

/// Splits "VARIABLE=VALUE… ; COMMAND…". As in systemd-notify's synopsis, a "--" may stand before
/// the command.
void split_exec(Settings& settings) {
    auto& operands = settings.notification.assignments;
    const auto separator = std::ranges::find(operands, ";");
    if (separator == operands.end())
        throw Failure("If --exec is used argument list must contain ';' separator, refusing.");
    auto command = separator + 1;
    if (command != operands.end() && *command == "--")
        ++command;
    if (command == operands.end())
        throw Failure("Empty command line specified after ';' separator, refusing.");
    settings.exec.assign(command, operands.end());
    operands.erase(separator, operands.end());
}

send::Notification read_notification(const cli::Arguments& arguments) {
    send::Notification notification;
    notify::Announcement& announcement = notification.announcement;
    announcement.reloading = arguments.has("reloading");
    announcement.ready = arguments.has("ready");
    announcement.stopping = arguments.has("stopping");
    announcement.status = arguments.value("status");
    // Like systemd-notify, check all values, although only the last one counts.
    for (const std::string& pid : arguments.values("pid"))
        read_main_pid(pid, notification);
    for (const std::string& user : arguments.values("uid"))
        notification.user = read_user(user);
    announcement.fd_name = arguments.value("fdname");
    if (announcement.fd_name && !notify::is_fd_name(*announcement.fd_name))
        throw Failure(
            concat("File descriptor name invalid: ", util::escape(*announcement.fd_name)));
    notification.fds = send::take_fds(arguments.values("fd"));
    announcement.stores_fds = !notification.fds.empty();
    if (announcement.fd_name && notification.fds.empty())
        throw Failure("No file descriptors passed, but --fdname= set, refusing.");
    notification.shared_directory = arguments.value("shared-dir");
    notification.waits = !arguments.has("no-block");
    notification.assignments = arguments.operands();
    return notification;
}

/// Returns whether there is nothing to send.
bool is_empty(const send::Notification& notification) {
    return notification.announcement.empty() && notification.assignments.empty();
}

int answer_booted(const send::Notification& notification) {
    if (!is_empty(notification))
        cli::write_error_line("Notify message specified along with --booted, ignoring.");
    // sd_booted(3) checks the same directory.
    struct stat status;
    return ::stat("/run/systemd/system/", &status) == 0 ? 0 : 1;
}

int fork_command(const send::Notification& notification, bool is_quiet) {
    const std::vector<std::string>& command = notification.assignments;
    if (!notification.announcement.empty())
        throw Failure(
            "--fork does not send messages; remove --ready, --status and the other options for "
            "messages");
    if (command.empty())
        throw Failure("--fork needs a command; write it at the end: send --fork -- COMMAND");
    send::Launch launch;
    launch.on_foreign_sender = [](pid_t sender) {
        cli::write_error_line(concat("Ignoring a message from pid ", sender,
                                     ": only the command itself can report that it is ready"));
    };
    try {
        const send::Launch::Outcome outcome = launch.run(command);
        if (!outcome.ready)
            return outcome.end.signal ? 1 : outcome.end.code;
        if (!is_quiet)
            system::out() << outcome.pid << '\n';
        return 0;
    } catch (const std::system_error& error) {
        cli::write_error_line(concat("Failed to execute ", util::quote(command.front()), ": ",
                                     system::describe(error.code().value())));
        return status_exec_failed;
    }
}

int become(std::vector<std::string> command) {
    std::vector<char*> argv;
    std::string what = "Failed to execute command line:";
    for (std::string& argument : command) {
        argv.push_back(argument.data());
        what += concat(' ', argument);
    }
    argv.push_back(nullptr);
    ::execvp(argv[0], argv.data());
    throw Failure(what);
}

/// Returns whether the remaining words are a command. systemd-notify needs a "--" before the
/// command, because it would otherwise parse the options of the command.
bool begins_command(const cli::Arguments& before, std::string_view operand) {
    return before.has("fork") || (operand == ";" && before.has("exec"));
}

int act(const cli::Arguments& arguments, const cli::Invocation& invocation) {
    Settings settings{read_notification(arguments), {}};
    if (arguments.has("fork"))
        return fork_command(settings.notification, arguments.has("quiet"));
    if (arguments.has("exec"))
        split_exec(settings);
    if (arguments.has("booted"))
        return answer_booted(settings.notification);
    if (is_empty(settings.notification)) {
        if (arguments.has("exec"))
            throw Failure("No notify message specified while --exec, refusing.");
        system::out() << cli::help(
            usage, invocation.invoked_as,
            cli::line_width(system::Fd(STDOUT_FILENO)).value_or(cli::help_width));
        return 1;
    }
    send::send(std::move(settings.notification));
    return settings.exec.empty() ? 0 : become(std::move(settings.exec));
}

int run(const cli::Invocation& invocation) {
    const cli::Arguments arguments =
        cli::parse_as_getopt(usage, invocation.arguments, begins_command);
    if (cli::answered(arguments, usage, invocation))
        return 0;
    try {
        return act(arguments, invocation);
    } catch (const Failure& failure) {
        cli::write_error_line(failure.what());
        return 1;
    }
}

}  // namespace
}  // namespace send_command

const cli::Subcommand send_subcommand = {
    send_command::usage, {"systemd-notify"}, send_command::run, 1};

}  // namespace notifybridge
