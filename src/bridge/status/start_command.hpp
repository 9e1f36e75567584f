#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::status {

/// A volume of a container's command line.
struct Volume {
    std::string host;
    std::string container;

    bool operator==(const Volume&) const = default;
};

/// How a unit starts its container, read from the words of `wait` or `run`. Commands inside a
/// script are not seen.
struct StartCommand {
    bool is_run = false;                   ///< `notifybridge run`, which inserts words.
    bool keeps = false;                    ///< `wait --keep`.
    bool translates_main_pid = false;      ///< `wait --main-pid=translate`.
    std::vector<std::string> members;      ///< `wait --member`.
    std::string manager;                   ///< podman, docker or nerdctl; empty for other programs.
    bool is_compose = false;               ///< `docker compose`, podman-compose.
    bool is_plugin = false;                ///< `docker compose`, and not docker-compose.
    bool is_kube = false;                  ///< `podman kube play`.
    std::string runtime;                   ///< The value of the manager's --runtime.
    std::vector<std::string> executables;  ///< Paths that have one of our names.
    bool makes_container = false;          ///< The manager's verb is run or create.
    std::vector<Volume> volumes;
    std::string shared_dir;               ///< The value of SHARED_DIR in -e; empty without one.
    bool names_token = false;             ///< -e NOTIFYBRIDGE_TOKEN
    bool names_wrapper = false;           ///< One of our names follows the manager's.
    bool enters_box = false;              ///< `distrobox enter`, but not for a box of root.
    bool has_sudo = false;                ///< sudo or doas starts it.
    std::vector<std::string> ready_when;  ///< The values of our --ready-when= and --alive-when=.
    std::vector<std::string> alive_when;
    std::vector<std::string> proxies;    ///< The values of our --proxy=.
    bool has_options = false;            ///< -e NOTIFYBRIDGE_OPTIONS
    bool has_conmon_notify = false;      ///< podman's --sdnotify=conmon
    std::string stop_timeout;            ///< Our --stop-timeout, or the manager's.
    std::vector<std::string> published;  ///< The values of the manager's --publish.
    bool docker_is_set = false;          ///< docker's settings have our runtime, if they were read.

    bool operator==(const StartCommand&) const = default;
};

StartCommand read_start_command(std::span<const std::string> words);

/// Reads the command that `wait` or `run` is given.
StartCommand read_container_command(std::span<const std::string> words, bool is_run);

/// Returns the words of the last command in the ExecStart= of `systemctl show`. Words are not
/// quoted there, so a word with blanks becomes several.
std::vector<std::string> words_of_exec_start(std::string_view text);

}  // namespace notifybridge::status
