#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Generators, which are programs of the image that write units (systemd.generator(7)).
namespace notifybridge::generate {

/// Returns the directories of generators, the most important first. `path` is
/// $SYSTEMD_GENERATOR_PATH: directories separated by ":". These directories replace the usual
/// directories, or precede the usual directories if `path` ends in ":".
std::vector<std::string> generator_directories(std::string_view path = {});

/// Returns the paths of the generators to run, sorted by their file names. A file hides a file of
/// the same name in a later directory. An empty file, or a link to a device such as /dev/null,
/// masks a generator. Skips files that are not executable, and systemd's generators whose units are
/// useless in a container.
std::vector<std::string> find_generators(const std::vector<std::string>& directories);

}  // namespace notifybridge::generate
