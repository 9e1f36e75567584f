#include <strings.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <set>

#include "ctl/names.hpp"
#include "ctl/properties.hpp"
#include "ctl/status_text.hpp"
#include "ctl/verbs.hpp"

/// `list-dependencies`: a tree of what a unit pulls in, or is pulled in by.
namespace notifybridge::ctl {
namespace {

constexpr auto forward = std::to_array<std::string_view>(
    {"Requires", "Requisite", "Wants", "ConsistsOf", "BindsTo", "Upholds"});
constexpr auto reverse = std::to_array<std::string_view>(
    {"RequiredBy", "RequisiteOf", "WantedBy", "PartOf", "BoundBy", "UpheldBy"});
constexpr auto after = std::to_array<std::string_view>({"After"});
constexpr auto before = std::to_array<std::string_view>({"Before"});

std::span<const std::string_view> followed(const Options& options) {
    if (options.is_after)
        return after;
    if (options.is_before)
        return before;
    return options.is_reverse ? std::span<const std::string_view>(reverse) : forward;
}

class Tree {
public:
    explicit Tree(const Context& context) : context_(context) {}

    void print(const std::string& root) {
        std::cout << root << '\n';
        print_below(root, "");
    }

private:
    std::vector<std::string> dependencies_of(const std::string& unit) const {
        const Properties properties = properties_of(context_, unit);
        std::set<std::string> names;
        for (const std::string_view property : followed(context_.options))
            for (const std::string_view name : properties.words(property))
                names.emplace(name);
        // Targets are last, as each is a group of its own.
        std::vector<std::string> sorted(names.begin(), names.end());
        std::sort(sorted.begin(), sorted.end(), [](const auto& one, const auto& other) {
            const bool is_target = one.ends_with(".target");
            return is_target == other.ends_with(".target")
                       ? ::strcasecmp(one.c_str(), other.c_str()) < 0
                       : !is_target;
        });
        return sorted;
    }

    void print_below(const std::string& unit, const std::string& indent) {
        entered_.push_back(unit);
        const auto dependencies = dependencies_of(unit);
        bool has_circle = false;
        for (std::size_t at = 0; at < dependencies.size(); ++at)
            if (is_entered(dependencies[at]))
                has_circle = true;
            else
                print_one(dependencies[at], indent, at + 1 == dependencies.size(), has_circle);
        if (has_circle && !context_.options.is_plain)
            std::cout << "  " << indent << "└─...\n";
        // A list has each group once, a tree wherever it is not within itself.
        if (!context_.options.is_plain)
            entered_.pop_back();
    }

    bool is_entered(const std::string& unit) const {
        return std::find(entered_.begin(), entered_.end(), unit) != entered_.end();
    }

    /// Where there was a circle, "..." comes after the last.
    void print_one(const std::string& unit, const std::string& indent, bool is_last,
                   bool has_circle) {
        const Options& options = context_.options;
        const std::string below = indent + (is_last ? "  " : "│ ");
        if (options.is_plain)
            std::cout << "  " << unit << '\n';
        else
            std::cout << mark(properties_of(context_, unit)["ActiveState"]) << ' ' << indent
                      << (is_last && !has_circle ? "└─" : "├─") << unit << '\n';
        if (options.is_all || unit.ends_with(".target"))
            print_below(unit, below);
    }

    const Context& context_;
    std::vector<std::string> entered_;  ///< What is not gone into again, so that a circle ends.
};

}  // namespace

int list_dependencies(const Context& context) {
    Context asked = context;
    if (asked.operands.empty())
        asked.operands = {"default.target"};
    Tree tree(context);
    bool is_first = true;
    for (const std::string& unit : unit_names(asked)) {
        if (!std::exchange(is_first, false))
            std::cout << '\n';
        tree.print(unit);
    }
    return 0;
}

}  // namespace notifybridge::ctl
