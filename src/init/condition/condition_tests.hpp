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
extern const std::span<const ConditionKind> machine_conditions;  ///< Hardware and kernel.
extern const std::span<const ConditionKind> system_conditions;   ///< The software that runs on it.

/// Returns the first line of a small file, or an empty text if it cannot be read.
std::string line_of(const std::string& path);

/// Returns the container that we are in as systemd-detect-virt(1) names it; empty if none.
std::string detect_container();

/// Does the same for a virtual machine.
std::string detect_virtual_machine();

}  // namespace notifybridge::condition
