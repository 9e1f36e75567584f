#include "ctl/names.hpp"

#include <fnmatch.h>

#include <algorithm>

#include "unit/escape.hpp"
#include "unit/name.hpp"
#include "util/concat.hpp"

namespace notifybridge::ctl {
namespace {

/// Bytes that a name cannot have as "\x2f", and a "/" as a "-".
std::string escaped(std::string_view typed) {
    constexpr std::string_view digits = "0123456789abcdef";
    constexpr std::string_view allowed =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ:-_.\\@";
    std::string out;
    for (const char c : typed) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '/')
            out += '-';
        else if (allowed.find(c) == allowed.npos)
            out += util::concat("\\x", digits[byte >> 4], digits[byte & 15]);
        else
            out += c;
    }
    return out;
}

}  // namespace

std::string unit_name(std::string_view typed, std::string_view suffix) {
    if (unit::UnitName::parse(typed) || is_pattern(typed))
        return std::string(typed);
    return util::concat(escaped(typed), suffix);
}

bool is_pattern(std::string_view text) {
    return text.find_first_of("*?[") != text.npos;
}

bool matches(std::string_view pattern, std::string_view name) {
    return ::fnmatch(std::string(pattern).c_str(), std::string(name).c_str(), FNM_NOESCAPE) == 0;
}

bool matches_any(const std::vector<std::string>& patterns, std::string_view name) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const std::string& pattern) { return matches(pattern, name); });
}

std::vector<std::string> unit_names(const Context& context, std::string_view suffix) {
    std::vector<std::string> names;
    std::vector<std::string> patterns;
    for (const std::string& operand : context.operands)
        (is_pattern(operand) ? patterns : names).push_back(unit_name(operand, suffix));
    if (!patterns.empty())
        context.call({{"call", "units"}}, [&](const json::object& unit) {
            if (matches_any(patterns, text(unit, "unit")))
                names.push_back(text(unit, "unit"));
        });
    return names;
}

std::string text(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace notifybridge::ctl
