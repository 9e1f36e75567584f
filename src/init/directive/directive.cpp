#include "init/directive/directive.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>

#include "init/directive/directive_entry.hpp"
#include "init/unit/value.hpp"

namespace notifybridge::directive {

namespace {

constexpr auto service_sections = std::to_array<std::string_view>({"Unit", "Service", "Install"});
constexpr auto socket_sections = std::to_array<std::string_view>({"Unit", "Socket", "Install"});
constexpr auto target_sections = std::to_array<std::string_view>({"Unit", "Target", "Install"});
// Timers and others of which there is no more than the name: their own sections are not looked at.
constexpr auto other_sections = std::to_array<std::string_view>(
    {"Unit", "Install", "Timer", "Path", "Mount", "Automount", "Swap", "Slice", "Scope"});

// A unit has some twenty lines, and there may be thousands of units.
using DirectivesByName = std::unordered_map<std::string_view, const Directive*>;

std::map<std::string_view, DirectivesByName> by_section() {
    std::map<std::string_view, DirectivesByName> sections;
    for (const DirectiveGroup& group : directive_groups())
        for (const std::string_view section : {group.section, group.other_section})
            for (const Directive& directive : group.directives)
                if (directive.support != Support::shown)
                    sections[section].emplace(directive.name, &directive);
    return sections;
}

}  // namespace

std::span<const DirectiveGroup> directive_groups() noexcept {
    static const auto groups = std::to_array<DirectiveGroup>({
        {"Unit", "", unit_directives},
        {"Unit", "", condition_directives},
        {"Unit", "", legacy_unit_directives},
        {"Install", "", install_directives},
        {"Service", "", service_directives},
        {"Service", "", legacy_service_directives},
        {"Service", "", newer_service_directives},
        {"Socket", "", socket_directives},
        {"Socket", "", newer_socket_directives},
        {"Service", "Socket", exec_directives},
        {"Service", "Socket", kill_directives},
        {"Service", "Socket", sandbox_directives},
        {"Service", "Socket", other_sandbox_directives},
        {"Service", "Socket", cgroup_directives},
        {"Service", "Socket", other_cgroup_directives},
    });
    return groups;
}

std::span<const std::string_view> sections_of(unit::UnitType type) noexcept {
    switch (type) {
        case unit::UnitType::service:
            return service_sections;
        case unit::UnitType::socket:
            return socket_sections;
        case unit::UnitType::target:
            return target_sections;
        default:
            return other_sections;
    }
}

bool has_directives(std::string_view section) noexcept {
    const auto is_of = [&](const DirectiveGroup& group) {
        return group.section == section || group.other_section == section;
    };
    return section == "Target" || std::ranges::any_of(directive_groups(), is_of);
}

std::vector<std::span<const Directive>> shown_directives(unit::UnitType type) {
    switch (type) {
        case unit::UnitType::service:
            return {service_directives, exec_directives, kill_directives, unit_directives};
        case unit::UnitType::socket:
            return {socket_directives, exec_directives, kill_directives, unit_directives};
        default:
            return {unit_directives};
    }
}

const Directive* find_directive(std::string_view section, std::string_view name) noexcept {
    static const std::map<std::string_view, DirectivesByName> sections = by_section();
    const auto directives = sections.find(section);
    if (directives == sections.end())
        return nullptr;
    const auto found = directives->second.find(name);
    return found == directives->second.end() ? nullptr : found->second;
}

std::vector<std::string_view> directives_of(std::string_view section) {
    std::vector<std::string_view> names;
    for (const DirectiveGroup& group : directive_groups())
        if (group.section == section || group.other_section == section)
            for (const Directive& directive : group.directives)
                if (directive.support != Support::shown)
                    names.push_back(directive.name);
    return names;
}

bool asks_for_nothing(std::string_view value) {
    // ProtectProc=default, ProcSubset=all, DevicePolicy=auto and KeyringMode=inherit.
    constexpr auto as_without =
        std::to_array<std::string_view>({"", "default", "all", "auto", "inherit"});
    return std::find(as_without.begin(), as_without.end(), value) != as_without.end()
           || unit::parse_boolean(value) == false;
}

}  // namespace notifybridge::directive
