#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "init/files/unit/settings.hpp"
#include "init/files/unit/specifier.hpp"
#include "init/hands/execute/identity.hpp"

/// Manages the directories of RuntimeDirectory=, StateDirectory= and similar directives
/// (systemd.exec(5), SANDBOXING).
namespace notifybridge::execute {

struct ExecDirectoryKind {
    std::string_view variable;
    unit::Rare<unit::ExecDirectories> unit::ExecSettings::*directories;
    std::string unit::Facts::*base;
    Step step;
    /// Whether root stays the owner of the directory, because a service must not change its own
    /// configuration.
    bool stays_owned_by_root = false;
};

inline constexpr std::array<ExecDirectoryKind, 5> exec_directory_kinds = {{
    {"RUNTIME_DIRECTORY", &unit::ExecSettings::runtime_directory, &unit::Facts::runtime_directory,
     Step::runtime_directory},
    {"STATE_DIRECTORY", &unit::ExecSettings::state_directory, &unit::Facts::state_directory,
     Step::state_directory},
    {"CACHE_DIRECTORY", &unit::ExecSettings::cache_directory, &unit::Facts::cache_directory,
     Step::cache_directory},
    {"LOGS_DIRECTORY", &unit::ExecSettings::logs_directory, &unit::Facts::logs_directory,
     Step::logs_directory},
    {"CONFIGURATION_DIRECTORY", &unit::ExecSettings::configuration_directory,
     &unit::Facts::configuration_directory, Step::configuration_directory, true},
}};

/// Returns the absolute paths of the directories of one kind, in the unit's order.
std::vector<std::string> directory_paths(const ExecDirectoryKind& kind,
                                         const unit::ExecSettings& exec, const unit::Facts& facts);

/// Returns the real paths of the directories of one kind. If DynamicUser=yes, most real paths are
/// below a directory "private", and `directory_paths` returns links to them.
std::vector<std::string> actual_paths(const ExecDirectoryKind& kind, const unit::ExecSettings& exec,
                                      const unit::Facts& facts);

/// Creates all missing directories with their modes, owners and links. The owner is the user of
/// `identity`, or else our own user. If an existing directory has another owner, changes the owner
/// of the directory and its content. Moves a directory that becomes private, or is not private any
/// more.
Failure make_directories(const unit::ExecSettings& exec, const unit::Facts& facts,
                         const Identity& identity);

/// Removes the directories of RuntimeDirectory= with their content and links, unless
/// RuntimeDirectoryPreserve= keeps them.
void remove_runtime_directories(const unit::ExecSettings& exec, const unit::Facts& facts,
                                bool will_restart);

}  // namespace notifybridge::execute
