#include "init/ctl/names.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <optional>

#include "base/system/streams.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "init/files/unit/escape.hpp"
#include "init/files/unit/name.hpp"

namespace notifybridge::ctl {
namespace {

using unit::UnitName;
using util::concat;

/// Returns the mount or device unit for a path.
std::optional<std::string> name_of_path(std::string_view typed) {
    const auto escaped = typed.starts_with('/') ? unit::escape_path(typed) : std::nullopt;
    if (!escaped)
        return std::nullopt;
    const bool is_device = typed.starts_with("/dev/") || typed.starts_with("/sys/");
    return concat(*escaped, is_device ? ".device" : ".mount");
}

}  // namespace

std::string_view type_of(std::string_view name) {
    return name.substr(name.rfind('.') + 1);
}

std::string escaped_name(std::string_view typed, bool is_pattern) {
    constexpr std::string_view digits = "0123456789abcdef";
    constexpr std::string_view allowed =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ:-_.\\@";
    std::string out;
    for (const char c : typed) {
        const auto byte = static_cast<unsigned char>(c);
        const bool stays =
            allowed.find(c) != allowed.npos
            || (is_pattern && std::string_view("[]!*?").find(c) != std::string_view::npos);
        if (stays)
            out += c;
        else if (c == '/')
            out += '-';
        else
            out += concat("\\x", digits[byte >> 4], digits[byte & 15]);
    }
    return out;
}

std::string unit_name(std::string_view typed, std::string_view suffix, const Options& options) {
    if (typed.empty())
        throw Failure(
            "Failed to mangle name: Invalid argument\nFailed to expand names: Invalid argument");
    if (UnitName::parse(typed))
        return std::string(typed);
    if (auto name = name_of_path(typed))
        return *std::move(name);
    std::string name = escaped_name(typed, true);
    if (name != typed && !options.is_quiet)
        system::err() << "Invalid unit name \"" << typed << "\" escaped as \"" << name
                      << "\" (maybe you should use systemd-escape?).\n";
    if (!is_pattern(name) && !UnitName::parse(name))
        name += suffix;
    return name;
}

bool is_pattern(std::string_view text) {
    return text.find_first_of("*?[") != text.npos;
}

bool matches(std::string_view pattern, std::string_view name) {
    return ::fnmatch(std::string(pattern).c_str(), std::string(name).c_str(), FNM_NOESCAPE) == 0;
}

bool matches_any(const std::vector<std::string>& patterns, std::string_view name) {
    return std::ranges::any_of(patterns,
                               [&](const std::string& pattern) { return matches(pattern, name); });
}

bool is_shown(const json::object& unit, const Options& options) {
    const std::string name = text(unit, "unit");
    if (!options.types.empty() && !util::contains(options.types, type_of(name)))
        return false;
    if (!options.states.empty())
        return util::contains(options.states, text(unit, "load"))
               || util::contains(options.states, text(unit, "active"))
               || util::contains(options.states, text(unit, "sub"));
    return options.is_all || text(unit, "active") != "inactive" || !text(unit, "job").empty();
}

bool is_filtered(const Options& options) {
    return !options.types.empty() || !options.states.empty();
}

bool is_listed_before(std::string_view one, std::string_view other) {
    return std::pair(type_of(one), one) < std::pair(type_of(other), other);
}

std::vector<std::string> shown_units(const Context& context) {
    Context any = context;
    any.operands = {"*"};
    std::vector<std::string> names = unit_names(any);
    std::ranges::sort(names, is_listed_before);
    return names;
}

std::vector<std::string> unit_names(const Context& context, std::string_view suffix) {
    std::vector<std::string> names;
    std::vector<std::string> patterns;
    for (const std::string& operand : context.operands) {
        std::string name = unit_name(operand, suffix, context.options);
        (is_pattern(name) ? patterns : names).push_back(std::move(name));
    }
    if (!patterns.empty())
        context.call({{"call", "units"}}, [&](const json::object& unit) {
            if (matches_any(patterns, text(unit, "unit")) && is_shown(unit, context.options))
                names.push_back(text(unit, "unit"));
        });
    return names;
}

UnitState state_of(const Context& context, const std::string& unit) {
    UnitState state;
    context.call(
        {{"call", "state"}, {"unit", unit}},
        [&](const json::object& answer) {
            state = {text(answer, "active"), text(answer, "load")};
        },
        "Failed to retrieve unit state: ");
    return state;
}

bool is_up(std::string_view active_state) {
    return active_state == "active" || active_state == "reloading";
}

void warn_of_changed_files(std::string_view unit) {
    system::err() << "Warning: The unit file, source configuration file or drop-ins of " << unit
                  << " changed on disk. Run 'systemctl daemon-reload' to reload units.\n";
}

std::string text_lines(const json::object& object, std::string_view name) {
    std::string lines;
    const json::value* const value = object.if_contains(name);
    if (value && value->is_array())
        for (const json::value& line : value->get_array())
            if (line.is_string())
                lines += concat(lines.empty() ? "" : "\n", line.get_string());
    return lines;
}

std::string text(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace notifybridge::ctl
