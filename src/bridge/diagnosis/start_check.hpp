#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/diagnosis/finding.hpp"
#include "bridge/diagnosis/start_command.hpp"
#include "bridge/runtime/docker_setup.hpp"

/// Finds reasons on the host why a container cannot start, or cannot start with `wrap` in front.
namespace notifybridge::diagnosis {

/// What a command of a unit, or of a `wait`, gets from its surroundings.
struct Surroundings {
    uid_t user = 0;           ///< The user whose manager has the unit; 0 for the system's manager.
    std::string search_path;  ///< PATH. If it is empty, the PATH of systemd's services is used.
    std::string docker_host;  ///< DOCKER_HOST; empty if it is not set.
};

/// Facts from dockerd and from its settings file. Members that cannot be read are nullopt.
struct DockerFacts {
    runtime::DockerOwner owner = runtime::DockerOwner::machine;
    /// The text of daemon.json; an empty text if the file does not exist.
    std::optional<std::string> settings;
    std::optional<std::vector<std::string>> runs;  ///< The runtimes that dockerd reports.
};

/// Reports whether dockerd has our runtime, and how to add it if it is missing.
void judge_docker(Findings& found, const DockerFacts& docker);

/// Checks what the command needs: the runtimes, dockerd's settings, and the executable of
/// notifybridge.
void check_start(Findings& found, const StartCommand& command, const Surroundings& surroundings);

/// Checks the words of the command, and the files that they name, before `user` starts it.
void check_words(Findings& found, const StartCommand& command, uid_t user);

/// Returns the version that our program would report if its executable had these bytes. Returns an
/// empty text for other programs.
std::string version_in(std::string_view executable);

}  // namespace notifybridge::diagnosis
