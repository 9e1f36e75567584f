#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/status/finding.hpp"
#include "bridge/status/start_command.hpp"

/// Finds on the host why a container cannot start, or not with `wrap` in front.
namespace notifybridge::status {

/// The facts from dockerd's settings and from dockerd itself. Members are empty if they cannot be
/// read.
struct DockerFacts {
    std::optional<std::string> settings;           ///< The text of daemon.json, empty without one.
    std::optional<std::vector<std::string>> runs;  ///< The runtimes that dockerd knows.
};

/// Reports whether dockerd has our runtime, and what to do if not.
void judge_docker(Findings& found, const DockerFacts& docker);

/// Checks what the command needs: the runtimes, dockerd's settings and the executable of
/// notifybridge. `search_path` is a PATH; empty means that of systemd's services.
void check_start(Findings& found, const StartCommand& command, const std::string& search_path);

/// Checks the words of the command, and the files that they name, before `user` starts it.
void check_words(Findings& found, const StartCommand& command, uid_t user);

/// Returns the version that an executable of ours, with these bytes, would report. Returns an empty
/// text for another program.
std::string version_in(std::string_view executable);

}  // namespace notifybridge::status
