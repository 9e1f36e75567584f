#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "init/hands/condition/conditions.hpp"

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

}  // namespace notifybridge::condition
