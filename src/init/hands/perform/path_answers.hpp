#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "init/files/unit/settings_path.hpp"
#include "init/hands/perform/file_look.hpp"

namespace notifybridge::perform {

/// What a child process has found out about the path of a rule.
struct PathAnswer {
    bool holds = false;  ///< Whether the file exists, or the directory has files.
    std::string match;   ///< The file that a pattern matches, if any.
    FileLook file;
};

/// Directories to make, with their modes.
using MadeDirectories = std::vector<std::pair<std::string, mode_t>>;

/// Makes the directories, and then looks at the paths of the rules. May block, so it runs in a
/// child. Returns the answers as bytes: for each rule, first the answer without the match, then the
/// size of the match, and the match.
std::string answer_rules(const std::vector<unit::PathRule>& rules,
                         const MadeDirectories& directories);

/// Returns the answers to `count` rules. Returns nullopt if `bytes` breaks off.
std::optional<std::vector<PathAnswer>> read_answers(std::string_view bytes, std::size_t count);

}  // namespace notifybridge::perform
