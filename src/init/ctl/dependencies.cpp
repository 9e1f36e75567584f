#include <strings.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <map>
#include <set>

#include "base/system/streams.hpp"
#include "init/ctl/names.hpp"
#include "init/ctl/status_text.hpp"
#include "init/ctl/verbs.hpp"

/// Implements `list-dependencies`. Prints the tree of the units that a unit pulls in, or of the
/// units that pull it in.
namespace notifybridge::ctl {
namespace {

constexpr auto forward = std::to_array<std::string_view>(
    {"Requires", "Requisite", "Wants", "ConsistsOf", "BindsTo", "Upholds"});
constexpr auto reverse = std::to_array<std::string_view>(
    {"RequiredBy", "RequisiteOf", "WantedBy", "PartOf", "BoundBy", "UpheldBy"});
constexpr auto after = std::to_array<std::string_view>({"After"});
constexpr auto ordered_before = std::to_array<std::string_view>({"Before"});

std::span<const std::string_view> followed(const Options& options) {
    if (options.is_after)
        return after;
    if (options.is_before)
        return ordered_before;
    return options.is_reverse ? std::span<const std::string_view>(reverse) : forward;
}

class Tree {
public:
    explicit Tree(const Context& context) : context_(context) {}

    void print(const std::string& root) {
        system::out() << root << '\n';
        print_below(root, "");
    }

private:
    struct Dependency {
        std::string unit;
        std::string active_state;
    };

    std::vector<Dependency> dependencies_of(const std::string& unit) const {
        const std::span<const std::string_view> relations = followed(context_.options);
        std::map<std::string, std::string> states;
        const auto take = [&states](const json::object& answer) {
            if (const json::value* const units = answer.if_contains("units"))
                for (const json::value& each : units->as_array())
                    states.emplace(each.at(0).as_string(), each.at(1).as_string());
        };
        context_.call({{"call", "dependencies"},
                       {"unit", unit},
                       {"relations", json::array(relations.begin(), relations.end())}},
                      take);
        std::vector<Dependency> sorted;
        for (const auto& [name, active_state] : states)
            sorted.push_back({name, active_state});
        // Targets come last, because each target has its own group of units below it.
        std::ranges::sort(sorted, [](const auto& one, const auto& other) {
            const bool is_target = one.unit.ends_with(".target");
            return is_target == other.unit.ends_with(".target")
                       ? ::strcasecmp(one.unit.c_str(), other.unit.c_str()) < 0
                       : !is_target;
        });
        return sorted;
    }

    void print_below(const std::string& unit, const std::string& indent) {
        entered_.insert(unit);
        const auto dependencies = dependencies_of(unit);
        bool has_cycle = false;
        for (std::size_t at = 0; at < dependencies.size(); ++at)
            if (entered_.contains(dependencies[at].unit))
                has_cycle = true;
            else
                print_one(dependencies[at], indent, at + 1 == dependencies.size(), has_cycle);
        if (has_cycle && !context_.options.is_plain)
            system::out() << "  " << indent << "└─...\n";
        // With --plain, the output lists the dependencies of each unit only once. A tree may repeat
        // a unit, but not below the unit itself.
        if (!context_.options.is_plain)
            entered_.erase(unit);
    }

    /// Prints one unit. If `has_cycle` is true, the caller prints "..." after the last unit of the
    /// group.
    void print_one(const Dependency& dependency, const std::string& indent, bool is_last,
                   bool has_cycle) {
        const auto& [unit, active_state] = dependency;
        const Options& options = context_.options;
        const std::string below = indent + (is_last ? "  " : "│ ");
        if (options.is_plain)
            system::out() << "  " << unit << '\n';
        else
            system::out() << mark(active_state) << ' ' << indent
                          << (is_last && !has_cycle ? "└─" : "├─") << unit << '\n';
        if (options.is_all || unit.ends_with(".target"))
            print_below(unit, below);
    }

    const Context& context_;
    /// The units whose dependencies are not printed again. Otherwise, a cycle would never end.
    std::set<std::string> entered_;
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
            system::out() << '\n';
        tree.print(unit);
    }
    return 0;
}

}  // namespace notifybridge::ctl
