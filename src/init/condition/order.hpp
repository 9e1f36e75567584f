#pragma once

#include <optional>
#include <string_view>

/// Comparisons as conditions have them (systemd.unit(5), ConditionKernelVersion=).
namespace notifybridge::condition {

enum class Order {
    less,
    less_or_equal,
    equal,
    not_equal,
    greater_or_equal,
    greater,
    glob,
    not_glob
};

/// Takes the operator that `text` begins with: "<", "<=", "=", "==", "!=", "<>", ">=", ">"; with
/// `globs` also "$=" and "!$=". Nothing where there is none.
std::optional<Order> take_order(std::string_view& text, bool globs = false);

/// Whether a comparison that came to this (negative, 0 or positive) is of that order.
bool holds(int comparison, Order order);

/// Compares versions (UAPI.10, Version Format Specification).
int compare_versions(std::string_view a, std::string_view b);

/// Whether a shell's pattern matches (fnmatch(3)).
bool matches(std::string_view pattern, std::string_view text, bool ignores_case = false);

}  // namespace notifybridge::condition
