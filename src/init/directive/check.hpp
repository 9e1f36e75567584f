#pragma once

#include <string_view>

#include "init/directive/parse.hpp"
#include "init/unit/line.hpp"

/// Checks the values of directives that we do not honour. Warns of values that systemd 257 would
/// refuse, and stores nothing.
namespace notifybridge::directive::check {

/// Checks a value by the rules for a setting of this type.
template <typename Setting>
void as(unit::Line& line) {
    Setting unused{};
    parse::value(line, unused);
}

/// Refuses the unit if a specifier is invalid (AppArmorProfile= and similar directives).
void strict_text(unit::Line& line);
/// Refuses the unit if the value is not an absolute path (RootImage=).
void strict_path(unit::Line& line);
/// Checks absolute paths, which may begin with "-" and "+" (ReadOnlyPaths=).
void paths(unit::Line& line);

// Directives of systemd.exec(5).
void syslog_level(unit::Line& line);
void syslog_facility(unit::Line& line);
void address_families(unit::Line& line);
void namespaces(unit::Line& line);
void architectures(unit::Line& line);

// Directives of systemd.resource-control(5).
void slice(unit::Line& line);
void controllers(unit::Line& line);
void memory(unit::Line& line);
void tasks(unit::Line& line);
void cpu_weight(unit::Line& line);
void io_weight(unit::Line& line);
void cpu_quota(unit::Line& line);
void addresses(unit::Line& line);
void devices(unit::Line& line);
/// Check directives that were replaced. systemd warns of these old names.
void legacy_memory(unit::Line& line);
void legacy_cpu(unit::Line& line);

/// Checks that the value is one of `words`, which are separated by spaces. If `words` begins with
/// "yes no", any boolean is valid.
void word(unit::Line& line, std::string_view words);

template <const char* Words>
void one_of(unit::Line& line) {
    word(line, Words);
}

}  // namespace notifybridge::directive::check
