#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/status/finding.hpp"
#include "bridge/status/start_command.hpp"

/// Finds reasons on the host why a container cannot start, or cannot start with `wrap` in front.
namespace notifybridge::status {

/// Facts from dockerd and from its settings file. Members that cannot be read are nullopt.
struct DockerFacts {
    /// The text of daemon.json; an empty text if the file does not exist.
    std::optional<std::string> settings;
    std::optional<std::vector<std::string>> runs;  ///< The runtimes that dockerd reports.
};

/// Reports whether dockerd has our runtime, and how to add it if it is missing.
void judge_docker(Findings& found, const DockerFacts& docker);

/// Checks what the command needs: the runtimes, dockerd's settings, and the executable of
/// notifybridge. `search_path` is a PATH. If it is empty, the PATH of systemd's services is used.
void check_start(Findings& found, const StartCommand& command, const std::string& search_path);

/// Checks the words of the command, and the files that they name, before `user` starts it.
void check_words(Findings& found, const StartCommand& command, uid_t user);

/// Returns the version that our program would report if its executable had these bytes. Returns an
/// empty text for other programs.
std::string version_in(std::string_view executable);

}  // namespace notifybridge::status
