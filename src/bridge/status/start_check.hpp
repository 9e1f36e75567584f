#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/status/finding.hpp"
#include "bridge/status/start_command.hpp"

/// Why a container cannot be started, or not with `wrap` in front: what can be seen on the host.
namespace notifybridge::status {

/// The facts from dockerd's settings and from dockerd itself. Members are empty if they cannot be
/// read.
struct DockerFacts {
    std::optional<std::string> settings;           ///< The text of daemon.json, empty without one.
    std::optional<std::vector<std::string>> runs;  ///< The runtimes that dockerd knows.
};

/// Reports whether dockerd has our runtime, and what to do if not.
void judge_docker(Findings& found, const DockerFacts& docker);

/// Looks for what the command needs: the runtimes, by `search_path` (as PATH has them; empty: as
/// systemd's services have it), dockerd's settings, the executable of notifybridge.
void check_start(Findings& found, const StartCommand& command, const std::string& search_path);

/// Checks the words of the command, and the files that they name, before `user` starts it.
void check_words(Findings& found, const StartCommand& command, uid_t user);

/// The version that an executable of ours, with these bytes, says that it is; empty for another.
std::string version_in(std::string_view executable);

}  // namespace notifybridge::status
