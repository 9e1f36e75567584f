#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/runtime/docker_setup.hpp"

namespace notifybridge::diagnosis {

/// A volume in a container's command line.
struct Volume {
    std::string host;
    std::string container;

    bool operator==(const Volume&) const = default;
};

/// The way in which a unit starts its container, according to the words of `wait` or `run`. Scripts
/// are not examined.
struct StartCommand {
    /// Whether the command is `notifybridge run`, which adds options to the manager's command line.
    bool is_run = false;
    bool keeps = false;                ///< Whether `wait` has --keep.
    bool translates_main_pid = false;  ///< Whether `wait` has --main-pid=translate.
    std::string directory;             ///< The value of --shared-dir of `wait` or `run`.
    std::vector<std::string> members;  ///< The values of --member of `wait`.
    /// The word that names podman, docker or nerdctl, which may be a path. Empty for another
    /// program.
    std::string manager;
    /// Whether the manager is `docker compose`, docker-compose or podman-compose.
    bool is_compose = false;
    /// Whether the manager is `docker compose`, and not docker-compose.
    bool is_plugin = false;
    bool is_kube = false;  ///< Whether the command is `podman kube play`.
    std::string runtime;   ///< The value of the manager's --runtime.
    std::string name;      ///< The value of the manager's --name.
    /// The sources of mounts whose source or target has one of our names. These are paths on the
    /// host; another word with our name may be a path in the container.
    std::vector<std::string> executables;
    bool makes_container = false;  ///< Whether the manager's verb is run or create.
    bool only_creates = false;     ///< Whether the manager's verb is create.
    std::vector<Volume> volumes;
    /// The value of SHARED_DIR in -e; empty if there is none.
    std::string shared_dir;
    std::string wrap_directory;  ///< The value of --shared-dir of `wrap`; empty if there is none.
    bool has_script = false;     ///< Whether the app is a script that starts `wrap`.
    bool names_token = false;    ///< Whether there is -e NOTIFYBRIDGE_TOKEN.
    bool names_wrapper = false;  ///< Whether one of our names follows the manager's name.
    /// Whether the command is `distrobox enter` for a box that does not belong to root.
    bool enters_box = false;
    bool has_sudo = false;                ///< Whether sudo or doas starts the command.
    std::vector<std::string> ready_when;  ///< The values of our --ready-when=.
    std::vector<std::string> alive_when;  ///< The values of our --alive-when=.
    std::string ready_timeout;            ///< The value of our --ready-timeout=.
    std::string timeout;                  ///< The value of our --timeout=.
    std::vector<std::string> proxies;     ///< The values of our --proxy=.
    bool ends_when_idle = false;          ///< Whether there is our --idle-timeout=.
    /// The option that turns the health check off, such as "--health-interval=0" or
    /// "--health-interval=disable". Empty if there is none. docker reads 0 as the default.
    std::string health_off;
    bool has_options = false;        ///< Whether there is -e NOTIFYBRIDGE_OPTIONS.
    bool has_conmon_notify = false;  ///< Whether podman has --sdnotify=conmon.
    /// Whether podman's --cgroups= leaves processes of the container in the control group of the
    /// unit.
    bool shares_cgroup = false;
    /// The value of our --stop-timeout, or else of the manager's --stop-timeout.
    std::string stop_timeout;
    std::vector<std::string> published;  ///< The values of the manager's --publish.
    /// Whether the manager did not have the image at the last look.
    bool pulls = false;
    /// Whose dockerd docker uses, unless its settings were read and contain our runtime.
    std::optional<runtime::DockerOwner> unset_docker = runtime::DockerOwner::machine;

    bool operator==(const StartCommand&) const = default;
};

/// Reads the command line of a process. The words after the image belong to the app. They are read
/// only to find out whether the app is `wrap`, and which options `wrap` has.
StartCommand read_start_command(std::span<const std::string> words);

/// Reads the words of ExecStart=, which may begin with a container manager.
StartCommand read_exec_start(std::span<const std::string> words);

/// Reads the command line that was given to `wait` or `run`.
StartCommand read_container_command(std::span<const std::string> words, bool is_run);

}  // namespace notifybridge::diagnosis
