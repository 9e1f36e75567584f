#include "wait_settings.hpp"

#include <unistd.h>

#include "base/cli/log.hpp"
#include "base/cli/settings.hpp"
#include "base/process/inherited_fds.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/escape.hpp"
#include "base/util/log.hpp"
#include "base/util/number.hpp"
#include "base/util/time_span.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/channel/lane.hpp"
#include "bridge/runtime/manager_command.hpp"
#include "wrap_settings.hpp"

namespace notifybridge {
namespace {

using util::concat;
using util::Severity;
using util::Topic;

constexpr std::chrono::seconds default_timeout(60);
constexpr std::chrono::seconds default_stop_timeout(10);

/// Returns whether this process belongs to a unit of systemd, which has its own time limits. A job
/// of a timer (Type=oneshot, for example) has no NOTIFY_SOCKET.
bool is_in_unit(const wait::Settings& settings) {
    return settings.manager || cli::variable("INVOCATION_ID");
}

/// Returns whether the end of the app makes it ready. The time until then is that of a whole job.
bool is_job(const cli::Arguments& arguments) {
    return util::contains(arguments.values("ready-when"), "exit");
}

std::chrono::microseconds read_timeout(const cli::Arguments& arguments, bool is_in_unit) {
    std::optional<std::chrono::microseconds> timeout = cli::time_span_option(arguments, "timeout");
    if (!timeout)
        if (const auto text = cli::variable("TIMEOUT"))
            timeout = cli::parse_time_span_setting("TIMEOUT", *text);
    // As in TimeoutStartSec=, 0 means no limit.
    if (timeout)
        return timeout->count() == 0 ? util::infinity : *timeout;
    return is_in_unit || is_job(arguments) ? util::infinity
                                           : std::chrono::microseconds(default_timeout);
}

/// Reads --stop-timeout. The default is that of the container manager's command line, or 10 s.
std::chrono::microseconds read_stop_timeout(const cli::Arguments& arguments,
                                            std::span<const std::string> command) {
    if (const auto timeout = cli::time_span_option(arguments, "stop-timeout"))
        return *timeout;
    const auto manager = runtime::find_manager_command(command);
    return manager && manager->stop_timeout ? *manager->stop_timeout : default_stop_timeout;
}

/// Takes over the descriptors that systemd passed to us (sd_listen_fds(3)). The command in the
/// container gets them. The container manager does not.
relay::NamedFds take_listen_fds() {
    relay::NamedFds taken{process::take_inherited_fds(), {}};
    if (taken.fds.size() > channel::most_lane_fds) {
        util::log(Severity::warning, Topic::messages, "passing on only the first ",
                  channel::most_lane_fds, " of ", taken.fds.size(),
                  " file descriptors that systemd passed (LISTEN_FDS): more are not possible");
        taken.fds.resize(channel::most_lane_fds);
    }
    taken.names =
        channel::parse_fd_names(cli::variable("LISTEN_FDNAMES").value_or(""), taken.fds.size());
    return taken;
}

/// Reads the names of the members, which are also names of subdirectories.
std::vector<std::string> read_members(const cli::Arguments& arguments) {
    constexpr std::size_t longest_name = 64;
    constexpr std::string_view of_names =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    std::vector<std::string> members;
    for (const std::string& name : arguments.values("member")) {
        if (name.empty() || name.front() == '.' || name.front() == '-' || name.size() > longest_name
            || name.find_first_not_of(of_names) != name.npos)
            throw cli::UsageError(
                concat("--member=", util::quote(name),
                       " cannot be the name of a subdirectory; give at most ", longest_name,
                       " letters, digits, -, _ and .; the first may not be - or ."));
        if (util::contains(channel::file_names, name))
            throw cli::UsageError(
                concat("--member=", util::quote(name),
                       " is the name of a file of notifybridge; choose another name"));
        if (util::contains(members, name))
            throw cli::UsageError(concat("--member=", util::quote(name),
                                         " is given twice; give each container another name"));
        members.push_back(name);
    }
    return members;
}

bool parse_main_pid(const std::string& text) {
    if (text != "drop" && text != "translate")
        throw cli::UsageError(
            concat("--main-pid=", util::quote(text), " is not known; give drop or translate"));
    return text == "translate";
}

/// Returns the rate, or 0 for no limit.
std::uint64_t parse_rate(const std::string& text) {
    constexpr std::uint64_t highest = 1'000'000'000;
    if (text == "infinity")
        return 0;
    const auto rate = util::parse_number<std::uint64_t>(text);
    if (!rate || *rate > highest)
        throw cli::UsageError(concat("--rate=", util::quote(text),
                                     " is not a number of messages per second, which can be up to ",
                                     highest, "; give --rate=infinity for no limit"));
    return *rate;
}

}  // namespace

const cli::Usage wait_usage = {
    "wait",
    "[OPTIONS] [--] [COMMAND [ARG…]]",
    "Starts a container, and passes messages from the `wrap` inside it to systemd.",
    wait_options,
    "`wait` is the unit's main process. Without a command, it attaches to a container that\n"
    "something else started, follows that container to its end, and exits with its status.\n\n"
    "Example, in a unit with Type=notify and KillMode=mixed:\n"
    "  ExecStart=/usr/bin/notifybridge wait podman run --rm --replace --name=app \\\n"
    "    -v /tmp/container-notify:/shared:Z IMAGE container-notify-wrapper COMMAND\n\n"
    "Exit status: the command's; 128+N after signal N; 124 if the container was not ready in\n"
    "time, 125 for an error of `wait` itself, 126 if the command cannot be run, 127 if it is\n"
    "not found.",
    wrap_options,
    "`notifybridge run`, and of container-notify-wrapper in the container",
};

wait::Settings read_wait_settings(const cli::Arguments& arguments) {
    wait::Settings settings;
    const auto directory = arguments.value("shared-dir");
    settings.shared_directory =
        directory ? *directory : cli::variable("SHARED_DIR").value_or("/tmp/container-notify");
    if (const auto owner = arguments.value("owner")) {
        settings.owner = system::parse_owner(*owner);
        if (!settings.owner)
            throw cli::UsageError(
                concat("--owner=", util::quote(*owner),
                       " is not a user of this system; give UID[:GID], or names from "
                       "/etc/passwd and /etc/group"));
    }
    settings.members = read_members(arguments);
    settings.manager = manager_of_environment();
    settings.timeout = read_timeout(arguments, is_in_unit(settings));
    if (const auto until = arguments.value("until")) {
        if (*until != "ready")
            throw cli::UsageError(
                concat("--until=", util::quote(*until), " is not known; give --until=ready"));
        settings.until_ready = true;
    }
    settings.command = arguments.operands();
    settings.stop_timeout = read_stop_timeout(arguments, settings.command);
    settings.keep = arguments.has("keep");
    if (settings.keep && !settings.command.empty())
        throw cli::UsageError(
            "--keep is only for `wait` without a command; remove --keep or the command");
    settings.stop = arguments.has("stop");
    if (settings.stop && !settings.command.empty())
        throw cli::UsageError(
            "--stop is only for `wait` without a command; with a command, SIGTERM always ends the "
            "container");
    relay::Policy policy;
    if (const auto main_pid = arguments.value("main-pid"))
        settings.courier.translates_main_pid = parse_main_pid(*main_pid);
    if (settings.courier.translates_main_pid) {
        if (!settings.members.empty())
            throw cli::UsageError(
                "--main-pid=translate is only for one container, because a unit has one main "
                "process; remove --main-pid=translate or --member");
        policy.allow("MAINPID");
    }
    settings.policy = changed_policy(std::move(policy), arguments);
    settings.extends = !arguments.has("no-extend");
    settings.sandbox = !arguments.has("no-sandbox");
    settings.courier.unit.invocation =
        cli::variable("INVOCATION_ID").value_or(cli::variable("NOTIFY_SOCKET").value_or(""));
    settings.courier.adopts_older = settings.command.empty();
    settings.courier.unit.has_command = !settings.command.empty();
    settings.courier.unit.watchdog = cli::watchdog_period();
    settings.fds = take_listen_fds();
    settings.reasons = shown_reasons(arguments);
    settings.courier.unit.fd_store = cli::variable("FDSTORE").value_or("");
    if (const auto rate = arguments.value("rate"))
        settings.courier.rate = parse_rate(*rate);
    return settings;
}

}  // namespace notifybridge
