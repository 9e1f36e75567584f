#include "init/files/directive/directive.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>

#include "base/util/contains.hpp"
#include "init/files/directive/directive_tables.hpp"
#include "init/files/unit/value.hpp"

namespace notifybridge::directive {

namespace {

// The table is a hash map, because each line of a unit needs one search. A unit has about twenty
// lines, and there may be thousands of units.
using RowsByName = std::unordered_map<std::string_view, const Row*>;

/// Calls `use` for each directive, with its section, its name and its row.
template <typename Use>
void for_each_directive(const Use& use) {
    for (const DirectiveGroup& group : directive_groups())
        for (const std::string_view section : {group.section, group.other_section})
            for (const Row& row : group.rows)
                if (row.support != Support::shown)
                    for_each_name(row, [&](std::string_view name) { use(section, name, row); });
}

std::map<std::string_view, RowsByName> by_section() {
    std::map<std::string_view, RowsByName> sections;
    for_each_directive([&](std::string_view section, std::string_view name, const Row& row) {
        sections[section].emplace(name, &row);
    });
    return sections;
}

}  // namespace

std::span<const DirectiveGroup> directive_groups() noexcept {
    static const auto groups = std::to_array<DirectiveGroup>({
        {"Unit", "", unit_directives()},
        {"Unit", "", condition_directives()},
        {"Unit", "", other_condition_directives(), true},
        {"Unit", "", legacy_unit_directives(), true},
        {"Unit", "", newer_unit_directives(), true},
        {"Install", "", install_directives()},
        {"Install", "", newer_install_directives(), true},
        {"Service", "", service_directives()},
        {"Service", "", legacy_service_directives(), true},
        {"Service", "", newer_service_directives(), true},
        {"Socket", "", socket_directives()},
        {"Socket", "", newer_socket_directives(), true},
        {"Target", "", {}},
        {"Timer", "", timer_directives()},
        {"Timer", "", newer_timer_directives(), true},
        {"Path", "", path_directives()},
        {"Service", "Socket", exec_directives()},
        {"Service", "Socket", kill_directives()},
        {"Service", "Socket", sandbox_directives()},
        {"Service", "Socket", other_sandbox_directives(), true},
        {"Service", "Socket", cgroup_directives()},
        {"Service", "Socket", other_cgroup_directives(), true},
    });
    return groups;
}

bool has_directives(std::string_view section) noexcept {
    return std::ranges::any_of(directive_groups(), [&](const DirectiveGroup& group) {
        return group.section == section || group.other_section == section;
    });
}

std::optional<Directive> find_directive(std::string_view section, std::string_view name) noexcept {
    static const std::map<std::string_view, RowsByName> sections = by_section();
    const auto directives = sections.find(section);
    if (directives == sections.end())
        return std::nullopt;
    const auto found = directives->second.find(name);
    if (found == directives->second.end())
        return std::nullopt;
    return Directive{found->first, found->second};
}

std::vector<std::string_view> directives_of(std::string_view section) {
    std::vector<std::string_view> names;
    for_each_directive([&](std::string_view other, std::string_view name, const Row&) {
        if (other == section)
            names.push_back(name);
    });
    return names;
}

bool has_no_effect(std::string_view value) {
    // ProtectProc=default, ProcSubset=all, DevicePolicy=auto and KeyringMode=inherit change
    // nothing. With OOMPolicy=continue, systemd does not act either.
    constexpr auto as_without =
        std::to_array<std::string_view>({"", "default", "all", "auto", "inherit", "continue"});
    return util::contains(as_without, value) || unit::parse_boolean(value) == false;
}

}  // namespace notifybridge::directive
