#pragma once

#include <optional>
#include <string_view>

/// Compares values for conditions (systemd.unit(5), ConditionKernelVersion=).
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

/// Removes and returns the operator at the beginning of `text`: "<", "<=", "=", "==", "!=", "<>",
/// ">=", ">". If `globs` is true, "$=" and "!$=" are operators, too. Returns nullopt if `text` does
/// not begin with an operator.
std::optional<Order> take_order(std::string_view& text, bool globs = false);

/// Returns whether `comparison` (negative, 0 or positive) satisfies `order`.
bool holds(int comparison, Order order);

/// Compares versions (UAPI.10, Version Format Specification).
int compare_versions(std::string_view a, std::string_view b);

/// Returns whether a shell pattern matches `text` (fnmatch(3)).
bool matches(std::string_view pattern, std::string_view text, bool ignores_case = false);

}  // namespace notifybridge::condition
