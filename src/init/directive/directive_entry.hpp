#pragma once

#include <array>

#include "init/directive/directive.hpp"
#include "init/directive/parse.hpp"

/// What the parts of the table of directives are written with.
namespace notifybridge::directive {

inline constexpr auto honoured = Support::honoured;
inline constexpr auto meaningless = Support::meaningless;
inline constexpr auto unsupported = Support::unsupported;
inline constexpr auto protection = Support::protection;
inline constexpr auto essential = Support::essential;
inline constexpr bool undocumented = true;

// The parts, each in the file that has it.
extern const std::span<const Directive> unit_directives;
extern const std::span<const Directive> legacy_unit_directives;
extern const std::span<const Directive> condition_directives;
extern const std::span<const Directive> install_directives;
extern const std::span<const Directive> service_directives;
extern const std::span<const Directive> legacy_service_directives;
extern const std::span<const Directive> newer_service_directives;
extern const std::span<const Directive> socket_directives;
extern const std::span<const Directive> newer_socket_directives;
extern const std::span<const Directive> exec_directives;
extern const std::span<const Directive> kill_directives;
extern const std::span<const Directive> sandbox_directives;
extern const std::span<const Directive> other_sandbox_directives;
extern const std::span<const Directive> cgroup_directives;
extern const std::span<const Directive> other_cgroup_directives;

template <typename Value>
Value& editable(Value& value) {
    return value;
}
template <typename Value>
Value& editable(util::Rare<Value>& value) {
    return value.edit();
}

/// The member that a path of pointers to members leads to, to be changed.
template <auto First, auto... Rest, typename Object>
auto& member(Object& object) {
    auto& value = editable(object.*First);
    if constexpr (sizeof...(Rest) == 0)
        return value;
    else
        return member<Rest...>(value);
}

/// Reads a line's value by `Parse` into that member of the settings.
template <auto Parse, auto... Path>
void into(unit::Line& line) {
    Parse(line, member<Path...>(line.settings()));
}

/// The same for an enumeration, whose words are in its order.
template <const auto& Words, auto... Path>
void choose_into(unit::Line& line) {
    parse::choice<Words>(line, member<Path...>(line.settings()));
}

}  // namespace notifybridge::directive
