#pragma once

#include <string_view>

#include "unit/line.hpp"

/// The values of directives that are not honoured: they are read for nothing but what is wrong with
/// them, as systemd 252 sees it, and stay as they are.
namespace notifybridge::unit::check {

void boolean(Line& line);
void seconds(Line& line);
void unsigned_number(Line& line);
void text(Line& line);
/// A unit whose specifiers are wrong is refused (AppArmorProfile= and its sisters).
void strict_text(Line& line);
/// A unit with another value is refused (RootImage=).
void strict_path(Line& line);
/// Absolute paths, which may have "-" and "+" in front (ReadOnlyPaths=).
void paths(Line& line);

// systemd.exec(5)
void syslog_level(Line& line);
void syslog_facility(Line& line);
void address_families(Line& line);
void namespaces(Line& line);
void architectures(Line& line);

// systemd.resource-control(5)
void slice(Line& line);
void controllers(Line& line);
void memory(Line& line);
void tasks(Line& line);
void cpu_weight(Line& line);
void io_weight(Line& line);
void cpu_quota(Line& line);
void addresses(Line& line);
void devices(Line& line);
/// What has another name now, which systemd warns of.
void legacy_memory(Line& line);
void legacy_cpu(Line& line);

/// One of several words, with spaces between them; with "yes no" among them, a boolean too.
void word(Line& line, std::string_view words);

template <const char* Words>
void one_of(Line& line) {
    word(line, Words);
}

}  // namespace notifybridge::unit::check
