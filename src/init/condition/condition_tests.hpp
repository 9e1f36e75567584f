#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "init/condition/conditions.hpp"

/// Tests for conditions, in groups. The tests of one group inspect the same part of the system.
namespace notifybridge::condition {

using ConditionTest = std::optional<bool> (*)(const std::string& parameter,
                                              const ConditionFacts& given);

struct ConditionKind {
    std::string_view type;
    ConditionTest test;
};

extern const std::span<const ConditionKind> path_conditions;
/// Tests of the hardware and the kernel.
extern const std::span<const ConditionKind> machine_conditions;
extern const std::span<const ConditionKind> system_conditions;  ///< Tests of the software.

/// Returns whether a directory has files that are neither hidden nor backups
/// (ConditionDirectoryNotEmpty=). Returns nullopt if none of the first `most` files counts, and
/// there are more files.
std::optional<bool> has_files(const std::string& directory, std::size_t most = SIZE_MAX);

/// Returns the first line of a small file, or an empty text if it cannot be read.
std::string line_of(const std::string& path);

/// Returns the name that systemd-detect-virt(1) prints for the type of our container. Returns an
/// empty text if we do not run in a container.
std::string detect_container();

/// Returns the name that systemd-detect-virt(1) prints for the type of our virtual machine. Returns
/// an empty text if we do not run in a virtual machine.
std::string detect_virtual_machine();

}  // namespace notifybridge::condition
