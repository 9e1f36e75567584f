#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "init/condition/conditions.hpp"

/// The conditions, grouped by what they inspect.
namespace notifybridge::condition {

using ConditionTest = std::optional<bool> (*)(const std::string& parameter,
                                              const ConditionFacts& given);

struct ConditionKind {
    std::string_view type;
    ConditionTest test;
};

extern const std::span<const ConditionKind> path_conditions;
extern const std::span<const ConditionKind> machine_conditions;  ///< Tests of hardware and kernel.
extern const std::span<const ConditionKind> system_conditions;   ///< Tests of the software.

/// Returns whether a directory has files other than hidden ones and backups
/// (ConditionDirectoryNotEmpty=).
bool has_files(const std::string& directory);

/// Returns the first line of a small file, or an empty text if it cannot be read.
std::string line_of(const std::string& path);

/// Returns the type of the container that we are in, with the name that systemd-detect-virt(1)
/// prints. Returns an empty text if we are in no container.
std::string detect_container();

/// Returns the type of the virtual machine that we are in, in the same way.
std::string detect_virtual_machine();

}  // namespace notifybridge::condition
