#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "init/condition/conditions.hpp"

/// The kinds of conditions, by what they look at.
namespace notifybridge::condition {

using ConditionTest = std::optional<bool> (*)(const std::string& parameter,
                                              const ConditionFacts& given);

struct ConditionKind {
    std::string_view type;
    ConditionTest test;
};

extern const std::span<const ConditionKind> path_conditions;
extern const std::span<const ConditionKind> machine_conditions;  ///< Hardware and kernel.
extern const std::span<const ConditionKind> system_conditions;   ///< What runs on it.

/// The first line of a small file; empty where there is none.
std::string line_of(const std::string& path);

/// The kind of container that we are in, as systemd-detect-virt(1) calls it; empty: none.
std::string detect_container();

/// The same of a virtual machine.
std::string detect_virtual_machine();

}  // namespace notifybridge::condition
