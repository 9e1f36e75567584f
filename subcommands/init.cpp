#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "base/cli/log.hpp"
#include "base/cli/settings.hpp"
#include "base/process/environment.hpp"
#include "base/system/streams.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/log.hpp"
#include "base/util/take_until.hpp"
#include "bridge.hpp"
#include "bridge/channel/directory.hpp"
#include "init/daemon/init.hpp"
#include "init/files/image/image.hpp"
#include "init/files/unit/name.hpp"
#include "subcommands.hpp"
#include "systemd_words.hpp"

namespace notifybridge {
namespace init_command {
namespace {

using util::concat;

constexpr auto options = std::to_array<cli::Option>({
    {"unit", 0, "UNIT", "start this target or other unit (default: default.target)"},
    {"shared-dir", 'd', "PATH",
     "use this directory, which is shared with `wait` on the host (SHARED_DIR; default: none; then "
     "messages go to NOTIFY_SOCKET if that is set)"},
    {"unit-path", 0, "DIRS",
     "read unit files from these directories, separated by ':'; a ':' at the end adds the default "
     "directories (SYSTEMD_UNIT_PATH; default: /etc/systemd/system, …, /usr/lib/systemd/system)"},
    {"root", 0, "PATH",
     "use the directories for unit files, sockets and state below PATH, and change nothing outside "
     "PATH"},
    {"install", 0, "[ROOT]",
     "do not start units, but prepare the image at ROOT (default: /) for `init`: put the "
     "executable into /usr/bin, and link /sbin/init, systemctl, shutdown, … to it"},
    {"uninstall", 0, "[ROOT]", "undo --install, except for the executable"},
    cli::verbose_option,
    cli::log_level_option,
    cli::help_option,
    cli::version_option,
});

constexpr cli::Usage usage = {
    "init",
    "[OPTIONS]",
    "Runs several services in one container, from systemd's own unit files.",
    options,
    "`init` reads .service, .socket, .timer, .path and .target files. It starts a unit and the\n"
    "units that this unit depends on, and supervises the services. At SIGTERM, it stops them in\n"
    "order. `init` sends READY=1 to the host once all units have started, and STOPPING=1 and\n"
    "the exit status at the end.\n"
    "`notifybridge ctl`, also called systemctl, controls it.\n\n"
    "Example, as the command of a container:\n"
    "  podman run -v /usr/bin/notifybridge:/bin/nb:ro IMAGE nb init\n\n"
    "Example, without a container and for any user, with box/etc/systemd/system/app.service:\n"
    "  notifybridge init --root=box --unit=app.service &\n"
    "  notifybridge ctl --root=box status app\n\n"
    "'man notifybridge-init' lists every directive of unit files, and whether it is supported.\n\n"
    "Exit status: that of `ctl exit`, SuccessAction= or FailureAction=, otherwise 0; 1 if the\n"
    "unit cannot be started.",
    {},
    {},
    systemd_release,
};

bool is_directory(const std::string& path) {
    struct stat status;
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

/// Returns the directory that --install or --uninstall names. Returns nullopt if the option is
/// missing, and an empty text for the root directory of this system.
std::optional<std::string> image_root(const cli::Arguments& arguments, std::string_view option) {
    const auto value = arguments.value(option);
    if (!value)
        return std::nullopt;
    std::string root = value->empty() ? "/" : process::absolute_path(*value);
    if (!is_directory(root))
        throw cli::UsageError(
            concat("--", option, '=', util::quote(*value), " is not a directory"));
    return root == "/" ? std::string() : root;
}

/// Refuses words that would otherwise be ignored. Someone who forgets the "=" of --install=ROOT
/// wants to change an image, and not this system.
void refuse_more_than_an_image(const cli::Arguments& arguments, std::string_view option) {
    if (!arguments.operands().empty())
        throw cli::UsageError(concat("--", option, " accepts no other word, but ",
                                     util::quote(arguments.operands().front()),
                                     " follows; for an image, write --", option, "=DIRECTORY"));
    if (arguments.has("root"))
        throw cli::UsageError(
            concat("--", option, " and --root cannot be combined; write --", option, "=DIRECTORY"));
    for (const std::string_view other : {"unit", "unit-path", "shared-dir"})
        if (arguments.has(other))
            throw cli::UsageError(concat("--", option, " starts no units, so --", other,
                                         " cannot be combined with it"));
}

/// Prepares an image if --install or --uninstall is given. Returns whether one of these options is
/// given.
bool prepared_image(const cli::Arguments& arguments) {
    const auto to_install = image_root(arguments, "install");
    const auto to_uninstall = image_root(arguments, "uninstall");
    if (to_install && to_uninstall)
        throw cli::UsageError("--install and --uninstall cannot be combined; give one of them");
    if (!to_install && !to_uninstall)
        return false;
    refuse_more_than_an_image(arguments, to_install ? "install" : "uninstall");
    const std::vector<std::string> done =
        to_install ? image::Image(*to_install).install() : image::Image(*to_uninstall).uninstall();
    for (const std::string& line : done)
        system::out() << line << '\n';
    return true;
}

/// Returns SHARED_DIR. Returns nullopt if NOTIFY_SOCKET is in that directory. In that case, a
/// `wrap` has started this process and uses the directory.
std::optional<std::string> shared_directory_of_environment() {
    auto directory = cli::variable("SHARED_DIR");
    const auto socket = cli::variable("NOTIFY_SOCKET");
    const bool is_wrapped =
        directory && socket && *socket == concat(*directory, '/', channel::socket_name);
    return is_wrapped ? std::nullopt : directory;
}

/// Logs a warning for each directory of --unit-path that does not exist. A mistake in typing would
/// otherwise boot a system without units.
void warn_of_missing_directories(std::string_view unit_path) {
    while (!unit_path.empty()) {
        const std::string directory(util::take_until(unit_path, ':'));
        if (!directory.empty() && !is_directory(directory))
            util::log(util::Severity::warning, util::Topic::process, "ignoring ",
                      util::quote(directory), " in --unit-path: it is not a directory");
    }
}

daemon::Init::Settings read_settings(const cli::Arguments& arguments) {
    daemon::Init::Settings settings;
    if (!arguments.operands().empty())
        throw cli::UsageError(concat(
            util::quote(arguments.operands().front()),
            " is not an option, and init accepts only options; --unit=NAME selects the unit"));
    settings.unit = arguments.value("unit").value_or(settings.unit);
    if (!unit::UnitName::parse(settings.unit))
        throw cli::UsageError(concat("--unit=", util::quote(settings.unit),
                                     " is not a unit name; give one such as multi-user.target"));
    settings.unit_path = process::absolute_paths(
        arguments.value("unit-path").value_or(cli::variable("SYSTEMD_UNIT_PATH").value_or("")));
    if (arguments.has("unit-path"))
        warn_of_missing_directories(settings.unit_path);
    settings.generator_path = cli::variable("SYSTEMD_GENERATOR_PATH").value_or("");
    if (const auto root = arguments.value("root")) {
        settings.root = process::absolute_path(*root);
        if (!is_directory(settings.root))
            throw cli::UsageError(
                concat("--root=", util::quote(*root), " is not a directory; create it first"));
    }
    settings.host.shared_directory = arguments.value("shared-dir");
    if (!settings.host.shared_directory)
        settings.host.shared_directory = shared_directory_of_environment();
    if (!settings.host.shared_directory)
        settings.host.manager = manager_of_environment();
    settings.host.watchdog = cli::watchdog_period();
    return settings;
}

/// Returns whether we were called with the name of a program that we replace: /sbin/init or
/// /usr/lib/systemd/systemd.
bool stands_for_systemd(const cli::Invocation& invocation) {
    return invocation.invoked_as.find(' ') == std::string::npos;
}

/// Returns whether this is a call of telinit(8). As in systemd, /sbin/init acts as telinit unless
/// it is process 1. The arguments of telinit have one letter.
bool is_telinit(const cli::Invocation& invocation) {
    return invocation.invoked_as == "init" && invocation.arguments.size() == 1
           && invocation.arguments.front().size() == 1 && ::getpid() != 1;
}

int run(const cli::Invocation& invocation) {
    if (is_telinit(invocation))
        return ctl_subcommand.run({"telinit", invocation.arguments});
    SystemdWords words{{invocation.arguments.begin(), invocation.arguments.end()}, {}, {}};
    if (stands_for_systemd(invocation))
        words = translate_systemd_words(invocation.arguments, ::getpid() == 1);
    const cli::Arguments arguments = cli::parse(usage, words.arguments);
    if (cli::answered(arguments, usage, invocation))
        return 0;
    if (!words.refused.empty())
        throw cli::UsageError(words.refused);
    cli::set_up_log(arguments);
    if (prepared_image(arguments))
        return 0;
    for (const std::string& option : words.ignored)
        util::log(util::Severity::warning, util::Topic::process, "ignoring ", util::escape(option),
                  ": init does not have this option of systemd");
    return daemon::Init(read_settings(arguments)).run();
}

}  // namespace
}  // namespace init_command

const cli::Subcommand init_subcommand = {
    init_command::usage, {"init", "systemd"}, init_command::run, 1};

}  // namespace notifybridge
