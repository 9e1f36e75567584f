#pragma once

#include <string_view>

#include "init/directive/parse.hpp"
#include "init/unit/line.hpp"

/// Checks of directives that are not honoured: a value that systemd 252 would not take is warned
/// of, and none is stored.
namespace notifybridge::directive::check {

/// Reads the value as that of a setting of this type.
template <typename Setting>
void as(unit::Line& line) {
    Setting unused{};
    parse::value(line, unused);
}

/// A unit whose specifiers are wrong is refused (AppArmorProfile= and its sisters).
void strict_text(unit::Line& line);
/// A unit whose value is no absolute path is refused (RootImage=).
void strict_path(unit::Line& line);
/// Absolute paths, which may have "-" and "+" in front (ReadOnlyPaths=).
void paths(unit::Line& line);

// systemd.exec(5)
void syslog_level(unit::Line& line);
void syslog_facility(unit::Line& line);
void address_families(unit::Line& line);
void namespaces(unit::Line& line);
void architectures(unit::Line& line);

// systemd.resource-control(5)
void slice(unit::Line& line);
void controllers(unit::Line& line);
void memory(unit::Line& line);
void tasks(unit::Line& line);
void cpu_weight(unit::Line& line);
void io_weight(unit::Line& line);
void cpu_quota(unit::Line& line);
void addresses(unit::Line& line);
void devices(unit::Line& line);
/// Directives that have another name now: systemd warns of the old one.
void legacy_memory(unit::Line& line);
void legacy_cpu(unit::Line& line);

/// One of `words`, which have spaces between them; a boolean too if they begin with "yes no".
void word(unit::Line& line, std::string_view words);

template <const char* Words>
void one_of(unit::Line& line) {
    word(line, Words);
}

}  // namespace notifybridge::directive::check
