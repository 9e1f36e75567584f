#include <limits>

#include "base/util/concat.hpp"
#include "init/files/directive/choices.hpp"
#include "init/files/directive/directive_entry.hpp"

/// The directives of [Path] (systemd.path(5), OPTIONS).
namespace notifybridge::directive {
namespace path_rows {

using P = unit::PathSettings;
using unit::PathKind;

template <auto Member, auto Read = by_type, auto Print = by_type>
constexpr Field to = field<&unit::Settings::path, Member, Read, Print>;

template <PathKind Kind>
void rule(unit::Line& line) {
    parse::path_rule(line, Kind);
}

/// Prints the rules in the reverse order of the file, as systemd does.
void show_rules(const Property& property) {
    const auto& rules = property.settings.path->rules;
    for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule)
        property.is(util::concat(rule->path, " (",
                                 choices::path_kind[static_cast<std::size_t>(rule->kind)], ')'));
}

// A unit that has no file has no trigger limit, so its interval is shown as infinite.
void show_interval(const Property& property, std::optional<util::TimeSpan> interval) {
    print::value(property, interval.value_or(util::infinity));
}
void show_burst(const Property& property, std::optional<unsigned> burst) {
    print::value(property, burst.value_or(std::numeric_limits<unsigned>::max()));
}

std::span<const Row> path_table() {
    static const Row rows[] = {
        // clang-format off
        {"Unit",                    honoured, to<&P::unit, parse::triggered_unit>},
        {"Paths",                   shown, show_rules},
        {"MakeDirectory",           honoured, to<&P::make_directory>},
        {"DirectoryMode",           honoured, to<&P::directory_mode, parse::mode, print::octal>},
        {"Result",                  shown},
        {"TriggerLimitIntervalSec", honoured,
         to<&P::trigger_limit_interval, by_type, show_interval>},
        {"TriggerLimitBurst",       honoured, to<&P::trigger_limit_burst, by_type, show_burst>},
        {"PathExists",              honoured, rule<PathKind::exists>},
        {"PathExistsGlob",          honoured, rule<PathKind::exists_glob>},
        {"PathChanged",             honoured, rule<PathKind::changed>},
        {"PathModified",            honoured, rule<PathKind::modified>},
        {"DirectoryNotEmpty",       honoured, rule<PathKind::directory_not_empty>},
        // clang-format on
    };
    return rows;
}

}  // namespace path_rows

std::span<const Row> path_directives() {
    return path_rows::path_table();
}

}  // namespace notifybridge::directive
