#pragma once

#include <array>

#include "init/files/directive/directive.hpp"
#include "init/files/directive/directive_tables.hpp"
#include "init/files/directive/parse.hpp"
#include "init/files/directive/print.hpp"

/// Templates for the rows of the table of directives.
namespace notifybridge::directive {

inline constexpr auto honoured = Support::honoured;
inline constexpr auto meaningless = Support::meaningless;
inline constexpr auto unsupported = Support::unsupported;
inline constexpr auto protection = Support::protection;
inline constexpr auto essential = Support::essential;
inline constexpr auto shown = Support::shown;

template <typename Value>
Value& editable(Value& value) {
    return value;
}
template <typename Value>
Value& editable(util::Rare<Value>& value) {
    return value.edit();
}
template <typename Value>
const Value& readable(const Value& value) {
    return value;
}
template <typename Value>
const Value& readable(const util::Rare<Value>& value) {
    return value;
}

/// A reader and printer that follows the rules for the type of the setting.
struct ByType {
    template <typename Setting>
    void operator()(unit::Line& line, Setting& setting) const {
        parse::value(line, setting);
    }
    template <typename Setting>
    void operator()(const Property& property, const Setting& setting) const {
        print::value(property, setting);
    }
};
inline constexpr ByType by_type;

/// A reader and printer of an enumeration. `Words` has the words for its values in the same order.
template <const auto& Words>
struct Choice {
    template <typename Setting>
    void operator()(unit::Line& line, Setting& setting) const {
        parse::choice<Words>(line, setting);
    }
    template <typename Enumeration>
    void operator()(const Property& property, Enumeration setting) const {
        print::word(property, static_cast<std::size_t>(setting), Words);
    }
    /// Prints the first word if the setting is not set.
    template <typename Enumeration>
    void operator()(const Property& property, std::optional<Enumeration> setting) const {
        (*this)(property, setting.value_or(Enumeration()));
    }
};
template <const auto& Words>
inline constexpr Choice<Words> choice;

/// Means that a setting has no printer. If there is a property with the directive's name, the
/// unit's state determines its value.
inline constexpr std::nullptr_t unseen = nullptr;

template <auto Section, auto Member, auto Read>
void read_member(unit::Line& line) {
    Read(line, editable(editable(line.settings().*Section).*Member));
}

/// Passes the property and the setting to `Print`. Some printers need other settings of the
/// property's unit, too.
template <auto Section, auto Member, auto Print>
void print_member(const Property& property) {
    Print(property, readable(readable(property.settings.*Section).*Member));
}

template <auto Section, auto Member, auto Print>
constexpr Field::Print* printer_of() {
    if constexpr (std::is_convertible_v<decltype(Print), Field::Print*>)
        return Print;
    else
        return print_member<Section, Member, Print>;
}

/// The reader and printer of a member of a section of the settings.
template <auto Section, auto Member, auto Read = by_type, auto Print = by_type>
constexpr Field field = {read_member<Section, Member, Read>, printer_of<Section, Member, Print>()};

}  // namespace notifybridge::directive
