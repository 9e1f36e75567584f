#include "bridge/diagnosis/absence.hpp"

#include <filesystem>

#include "base/util/base_name.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/words.hpp"
#include "bridge/runtime/manager.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;
using util::escape;

std::string_view without_slash(std::string_view path) {
    while (path.size() > 1 && path.ends_with('/'))
        path.remove_suffix(1);
    return path;
}

/// Returns the path without "." and "//". Replaces /var/run with /run, because /var/run is a link
/// to /run (file-hierarchy(7)).
std::string normal(std::string_view path) {
    constexpr std::string_view link = "/var/run";
    const std::string whole = std::filesystem::path(path).lexically_normal().native();
    const std::string_view shown = without_slash(whole);
    const bool is_below = shown == link || shown.starts_with(util::concat(link, '/'));
    return std::string(shown.substr(is_below ? std::string_view("/var").size() : 0));
}

/// Returns the path at which this volume mounts the directory in the container. Returns an empty
/// text if the volume does not mount the directory.
std::string place_of(const Volume& volume, std::string_view directory) {
    if (!volume.host.starts_with('/'))
        return {};  // The host part is the name of a volume, or a relative path.
    const std::string host = normal(volume.host);
    const std::string whole = normal(directory);
    if (!whole.starts_with(host))
        return {};
    const std::string rest = whole.substr(host.size());
    const bool is_within = rest.empty() || rest.starts_with('/') || host == "/";
    return is_within ? concat(without_slash(volume.container), rest) : std::string();
}

std::string why_not_mounted(const StartCommand& command, std::string_view directory,
                            std::string_view place) {
    const std::string mount = util::shell_word(concat(directory, ':', place, ":Z"));
    for (const Volume& volume : command.volumes)
        if (without_slash(volume.container) == place)
            return concat("the container mounts ", escape(volume.host), " at ", escape(place),
                          "; mount the directory of `wait` there, for example `-v ", mount, '`');
    return concat("the command line does not mount this directory; add `-v ", mount, " -e ",
                  util::shell_word(concat("SHARED_DIR=", place)), '`');
}

/// Returns why no `wrap` runs in a container whose command line was written by hand.
std::string why_not_by_hand(const StartCommand& command, std::string_view directory) {
    const bool has_option = !command.wrap_directory.empty();
    const std::string_view told =
        without_slash(has_option ? command.wrap_directory : command.shared_dir);
    const std::string_view meant = told.empty() ? "/shared" : told;
    std::string place;
    for (const Volume& volume : command.volumes)
        if (place.empty() || place != meant)
            if (std::string found = place_of(volume, directory); !found.empty())
                place = std::move(found);
    if (place.empty())
        return why_not_mounted(command, directory, meant);
    // Report nothing, because the script may set the directory.
    if (place != meant && command.has_script)
        return {};
    if (place != meant && has_option)
        return concat("the container mounts this directory at ", escape(place),
                      ", but `wrap` has --shared-dir=", escape(meant),
                      "; use the same path in both");
    if (place != meant)
        return concat("the container mounts this directory at ", escape(place),
                      ", but SHARED_DIR is ", escape(meant), told.empty() ? " by default" : "",
                      "; start the container with `-e ",
                      util::shell_word(concat("SHARED_DIR=", place)), '`');
    if (!command.names_wrapper)
        return "the command line does not name container-notify-wrapper; make it the command of "
               "the container, or start the container with `notifybridge run`, which adds it";
    return {};
}

/// Returns why no `wrap` runs in a container to which our runtime or its hook should add `wrap`.
std::string why_not_by_runtime(const StartCommand& command) {
    if (!command.runtime.empty())
        return {};
    return concat(
        "nothing puts container-notify-wrapper in front of the image's command; add `--runtime=",
        runtime::runtime_name(util::base_name(command.manager)),
        "`, or start the container with `notifybridge run`");
}

std::string why_failed(const StartCommand& command, int status) {
    const std::string_view manager = util::base_name(command.manager);
    if (status == process::status_failed) {
        const runtime::Manager* const known = runtime::find_manager(manager);
        if (!command.is_run || !known || !known->needs_setup || !command.unset_docker)
            return {};
        const runtime::DockerOwner owner = *command.unset_docker;
        return concat("docker may not know the runtime notifybridge; ",
                      owner == runtime::DockerOwner::machine ? "as root, run " : "run ",
                      runtime::configure_command(owner));
    }
    // Return no reason if our runtime has already reported it.
    const bool is_by_runtime = !command.runtime.empty() || command.has_options;
    if (command.is_run || (is_by_runtime && !command.names_wrapper))
        return {};
    return concat(manager,
                  " could not run the container's command; if that is "
                  "container-notify-wrapper, mount it: `-v "
                  "/usr/bin/notifybridge:/opt/container-notify-wrapper:ro`");
}

/// Returns whether podman, docker or nerdctl failed, or could not run or find the command of the
/// container (podman-run(1), EXIT STATUS).
bool is_failure_of_manager(process::ExitStatus end) {
    return end.signal == 0 && end.code >= process::status_failed
           && end.code <= process::status_not_found;
}

std::string why(const StartCommand& command, std::string_view directory,
                std::optional<process::ExitStatus> end) {
    const std::string_view manager = util::base_name(command.manager);
    // Without the compose plugin, docker rejects the plugin's options with this status.
    if (command.is_plugin && manager == "docker" && end
        && *end == process::ExitStatus::exited(process::status_failed))
        return "docker has no `compose` subcommand here: write `docker-compose`, as in Debian 12, "
               "or install docker's plugin";
    if (command.is_compose)
        return concat(
            "in the compose file, give the service `runtime: ", runtime::runtime_name(manager),
            "`, and put SHARED_DIR and NOTIFYBRIDGE_TOKEN into its environment");
    if (!command.makes_container && end && !end->success())
        return {};
    if (!command.makes_container && command.is_kube && command.runtime.empty())
        return concat(
            "name the runtime: `", command.manager, " --runtime=", runtime::runtime_name(manager),
            " kube play`; its YAML file needs NOTIFYBRIDGE_OPTIONS, SHARED_DIR and a volume "
            "at that path, see notifybridge-runtime(1)");
    if (!command.makes_container)
        return "the container does not mount it, has another SHARED_DIR, or does not start "
               "container-notify-wrapper; run `notifybridge status --check` while the container "
               "runs";
    if (end && is_failure_of_manager(*end))
        return why_failed(command, end->code);
    std::string found;
    if (!command.is_run)
        found =
            command.names_token ? why_not_by_runtime(command) : why_not_by_hand(command, directory);
    if (!found.empty() || end)
        return found;
    if (command.pulls)
        return concat(manager, " is still pulling the image; run `", manager,
                      " pull` before the start, or allow more time");
    return concat(manager, " has not started the container yet; allow more time");
}

}  // namespace

std::string why_no_wrap(const StartCommand* command, std::string_view directory,
                        std::optional<process::ExitStatus> end) {
    const std::string reason =
        command ? why(*command, without_slash(directory), end)
                : concat("start the container with `-v ",
                         util::shell_word(concat(directory, ":/shared:Z")),
                         " -e SHARED_DIR=/shared`, and container-notify-wrapper as its "
                         "command");
    return reason.empty() ? reason
                          : concat("no wrap has started in ", escape(directory), ": ", reason);
}

}  // namespace notifybridge::diagnosis
