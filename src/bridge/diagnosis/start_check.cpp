#include "bridge/diagnosis/start_check.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/cli/settings.hpp"
#include "base/process/program_file.hpp"
#include "base/system/executable.hpp"
#include "base/system/file.hpp"
#include "base/util/base_name.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/escape.hpp"
#include "base/util/take_until.hpp"
#include "base/util/words.hpp"
#include "bridge/diagnosis/docker_address.hpp"
#include "bridge/diagnosis/unit.hpp"
#include "bridge/diagnosis/unit_search.hpp"
#include "bridge/runtime/docker_context.hpp"
#include "bridge/runtime/docker_file.hpp"
#include "bridge/runtime/manager.hpp"
#include "bridge/runtime/own_command.hpp"
#include "bridge/runtime/own_executable.hpp"
#include "bridge/runtime/real_runtime.hpp"
#include "bridge/runtime/refusal.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;
using util::quote;

constexpr const char* own_executable = "/proc/self/exe";
bool is_own_program(const std::string& path) {
    const auto own = system::identity(std::string(own_executable));
    const auto other = system::identity(path);
    if (!own || !other)
        return false;
    const auto target = system::read_link(path);
    return own == other || (target && util::base_name(*target) == runtime::program_name);
}

void check_real_runtime(Findings& found, std::string_view called_as, std::string_view search_path) {
    try {
        const std::string real = runtime::RealRuntime(runtime::own_identity(), "")
                                     .find("", called_as, search_path, cli::variable_or_empty);
        found.good("runtime", concat("the real runtime is ", quote(real)));
    } catch (const runtime::Refusal&) {
        found.problem(
            "runtime",
            concat("no OCI runtime is in PATH (", quote(search_path), ") or in podman's settings"),
            "install a runtime: `apt install crun`, `dnf install crun` or `zypper install "
            "crun`");
    }
}

/// Checks a runtime that is given as a path, which podman and nerdctl accept. If the path cannot be
/// executed, reports this and returns false.
bool check_named_runtime(Findings& found, const StartCommand& command) {
    const std::string& named = command.runtime;
    if (!named.starts_with('/') || system::is_executable(named))
        return true;
    found.problem("runtime",
                  concat("--runtime=", quote(named), " does not exist or cannot be executed"),
                  concat("`ln -s /usr/bin/notifybridge ", util::shell_word(named),
                         "` if this should be notifybridge; otherwise name an installed runtime"));
    return false;
}

void check_runtimes(Findings& found, const StartCommand& command, std::string_view search_path) {
    const std::string& named = command.runtime;
    const bool is_path = named.starts_with('/');
    if (!check_named_runtime(found, command))
        return;
    if (command.is_run || (is_path && is_own_program(named)))
        check_real_runtime(found, is_path ? util::base_name(named) : std::string_view(),
                           search_path);
}

/// Reads the settings of dockerd, and executes the docker that is in our own PATH. The PATH of
/// `wait` is not used, because another user may have set it, and root may run this process.
DockerFacts look_at_docker(const std::string& address) {
    DockerFacts docker;
    docker.owner = runtime::docker_owner(address);
    constexpr std::size_t most = 1024 * 1024;
    const auto text = system::read_text(runtime::docker_settings_of(docker.owner), most);
    if (text || text.error().value() == ENOENT)
        docker.settings = text ? *text : std::string();
    std::vector<std::string> info = {
        "docker", "info", "--format",
        "{{range $name, $runtime := .Runtimes}}{{println $name}}{{end}}"};
    if (docker.owner == runtime::DockerOwner::user)
        info.insert(info.begin() + 1, concat("--host=", address));
    const std::string answer = answer_of(std::move(info));
    std::string_view rest = answer;
    std::vector<std::string> names;
    while (!rest.empty())
        names.emplace_back(util::take_until(rest, '\n'));
    // If dockerd does not answer, docker prints an empty line.
    std::erase(names, "");
    if (!names.empty())
        docker.runs = std::move(names);
    return docker;
}

void check_docker(Findings& found, const Surroundings& surroundings) {
    const uid_t user = surroundings.user;
    const std::string address = docker_address_for(user, surroundings.docker_host);
    if (!is_docker_trusted(user, address))
        return found.note("docker", "the unit may use a dockerd of its user",
                          "run this as the user of the unit");
    judge_docker(found, look_at_docker(address));
}

/// Returns the reason why this machine cannot execute the file. Returns an empty text if the
/// machine can execute the file. `file` is a handle on a regular file.
std::string why_not_for_us(system::Fd file) {
    constexpr std::size_t most = 64;
    const std::string path = system::proc_path(file);
    if (process::elf_machine(system::text_of(path, most)) == 0)
        return "it is not a program for Linux";
    return process::machine_mismatch(path);
}

/// Checks the file that is mounted as `wrap`. If this file did not exist, docker has created a
/// directory in its place. The paths belong to another user, who may exchange a file while root
/// inspects it.
void check_executables(Findings& found, const StartCommand& command) {
    for (const std::string& path : command.executables) {
        const system::UniqueFd file = system::open_handle(path);
        struct stat status;
        if (!file || ::fstat(file.get(), &status) < 0)
            continue;
        const auto entries = system::list_directory(system::proc_path(file));
        if (entries && entries->empty())
            found.problem(
                "executable",
                concat(quote(path),
                       " is a directory: docker creates a directory if the file to mount does not "
                       "exist"),
                concat("`rmdir ", util::shell_word(path), "`, and install notifybridge there"));
        if (!S_ISREG(status.st_mode))
            continue;
        if (const std::string why = why_not_for_us(file); !why.empty())
            found.problem(
                "executable", concat(quote(path), ": ", why),
                "install the package for this machine's architecture; the image needs the "
                "same architecture: `podman image inspect --format "
                "'{{.Architecture}}' IMAGE`");
    }
}

/// Reports missing sources of mounts if the manager, such as docker, creates directories in their
/// place. podman itself reports missing sources.
void check_sources(Findings& found, const StartCommand& command) {
    const runtime::Manager* const manager = runtime::find_manager(command.manager);
    if (!manager || !manager->creates_sources)
        return;
    struct stat status;
    for (const Volume& volume : command.volumes)
        if (volume.host.starts_with('/') && runtime::is_own_name(util::base_name(volume.container))
            && ::stat(volume.host.c_str(), &status) < 0 && errno == ENOENT)
            found.problem("executable",
                          concat(quote(volume.host), " does not exist, and ", manager->name.view(),
                                 " creates a directory instead"),
                          concat("install notifybridge, or mount it from its real path; if ",
                                 manager->name.view(), " has created a directory, first `rmdir ",
                                 util::shell_word(volume.host), '`'));
}

/// Checks a call of distrobox, which finds only boxes of the user who calls distrobox.
void check_box(Findings& found, const StartCommand& command, uid_t user) {
    if (!command.enters_box || (user != 0 && !command.has_sudo))
        return;
    found.problem("distrobox",
                  command.has_sudo ? "sudo drops SHARED_DIR, and distrobox refuses sudo"
                                   : "root can enter only its own boxes",
                  "start the box in a unit of the user who owns it (~/.config/systemd/user, "
                  "`systemctl --user`); for a box of root, use `distrobox enter --root`");
}

/// Reports a name that can be the beginning of an id. If no container has this name, podman rm,
/// podman run --replace and docker rm take such a name for another container.
void check_name(Findings& found, const StartCommand& command) {
    // Other ids hardly ever begin with a longer name.
    constexpr std::size_t longest = 6;
    const std::string& name = command.name;
    if (!name.empty() && name.size() <= longest
        && name.find_first_not_of("0123456789abcdef") == name.npos)
        found.note(
            "name",
            concat("--name=", name, ": while no container has this name, ",
                   util::base_name(command.manager),
                   " takes it for a container whose id begins with it, for example in `rm`"),
            concat("choose a name with a letter after f or a hyphen, such as --name=", name, "-1"));
}

}  // namespace

void judge_docker(Findings& found, const DockerFacts& docker) {
    constexpr std::string_view subject = "docker";
    const std::string configure(runtime::configure_command(docker.owner));
    const bool is_set = docker.settings && runtime::docker_is_configured(*docker.settings);
    const bool is_known = docker.runs && util::contains(*docker.runs, runtime::docker_runtime);
    if (is_known) {
        const std::string path = is_set ? runtime::docker_runtime_path(*docker.settings) : "";
        if (path.empty() || system::is_executable(path))
            return found.good(subject, "dockerd has the runtime notifybridge");
        return found.problem(subject,
                             concat("the runtime notifybridge of docker is ", quote(path),
                                    ", which cannot be executed"),
                             configure);
    }
    if (docker.settings && !is_set)
        return found.problem(subject,
                             concat(runtime::docker_settings_of(docker.owner),
                                    " does not have the runtime notifybridge"),
                             configure);
    if (docker.runs)
        return found.problem(
            subject,
            concat("dockerd does not know the runtime notifybridge",
                   is_set ? ": it has not read its settings since they were changed" : ""),
            is_set ? std::string(runtime::reload_command(docker.owner)) : configure);
    if (docker.owner == runtime::DockerOwner::user)
        return found.problem(subject, "the dockerd of this user does not answer",
                             "`systemctl --user start docker`");
    return found.note(subject, "dockerd does not answer",
                      "`systemctl start docker`, or run this as root");
}

void check_start(Findings& found, const StartCommand& command, const Surroundings& surroundings) {
    const std::string& search_path = surroundings.search_path;
    const runtime::Manager* const manager = runtime::find_manager(command.manager);
    if (manager && manager->needs_setup) {
        if (command.is_run || command.runtime == runtime::docker_runtime)
            check_docker(found, surroundings);
    } else if (manager) {
        check_runtimes(
            found, command,
            search_path.empty() ? system::default_search_path : std::string_view(search_path));
    }
    check_executables(found, command);
    check_sources(found, command);
    check_name(found, command);
}

void check_words(Findings& found, const StartCommand& command, uid_t user) {
    check_named_runtime(found, command);
    check_executables(found, command);
    check_sources(found, command);
    check_box(found, command, user);
    check_name(found, command);
}

std::string version_in(std::string_view executable) {
    constexpr std::string_view start = "notifybridge version ";
    constexpr std::size_t longest_version = 32;
    for (std::size_t at = 0; (at = executable.find(start, at)) != executable.npos;) {
        at += start.size();
        const std::string_view text = executable.substr(at, longest_version);
        const std::size_t end = text.find('\n');
        // Skip the constant above, which our own executable also contains.
        if (end != text.npos && text.substr(0, end).find('\0') == text.npos)
            return std::string(text.substr(0, end));
    }
    return {};
}

}  // namespace notifybridge::diagnosis
