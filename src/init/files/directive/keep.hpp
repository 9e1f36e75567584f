#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "init/files/unit/line.hpp"

/// Reads directives that we do not honour. Warns of values that systemd 257 would refuse, and keeps
/// the others in ExecSettings::kept for `show`, in the format of systemd 252.
namespace notifybridge::directive::keep {

/// Marks a property that a unit sets but `show` does not print, because we cannot format its value
/// like systemd. A value in a unit file never equals this mark.
inline constexpr std::string_view hidden_value = "\n";

/// Returns a percentage in hundredths of a percent: 1250 for "12.5%". `text` must be valid, like
/// the percentages that `memory` and `tasks` store.
std::uint64_t hundredths(std::string_view text);

// The following functions read values that many directives have in common.
void boolean(unit::Line& line);
void number(unit::Line& line);
void time_span(unit::Line& line);
/// Reads a time span. An empty value restores the default.
void resettable_time_span(unit::Line& line);
/// Reads a text and replaces its specifiers. An empty value restores the default.
void text(unit::Line& line);
void path(unit::Line& line);
/// Appends words to a list, which is shown without quotes. An empty value clears the list.
void words(unit::Line& line);
/// Records that the unit sets the property, but does not keep the value. Therefore, `show` omits
/// the property.
void hidden(unit::Line& line);

/// Refuses the unit if a specifier is invalid (AppArmorProfile= and similar directives).
void strict_text(unit::Line& line);
/// Refuses the unit if the value is not an absolute path (RootImage=).
void strict_path(unit::Line& line);
/// Reads absolute paths, which may have "-" and "+" in front (ReadOnlyPaths=).
void paths(unit::Line& line);
/// Reads "SOURCE:DESTINATION:OPTIONS" (BindPaths=).
void bind_paths(unit::Line& line);
/// Reads "PATH:OPTIONS" (TemporaryFileSystem=).
void temporary_file_systems(unit::Line& line);
void mount_flags(unit::Line& line);

// Directives of systemd.exec(5).
void syslog_level(unit::Line& line);
void syslog_facility(unit::Line& line);
void error_number(unit::Line& line);
void address_families(unit::Line& line);
void namespaces(unit::Line& line);
void architectures(unit::Line& line);
/// Reads a set of CPUs or memory nodes. Each line adds to the set.
void cpu_set(unit::Line& line);
/// Reads a set of CPUs, as `cpu_set` does, or the word "numa".
void cpu_affinity(unit::Line& line);
void numa_mask(unit::Line& line);

// Directives of systemd.resource-control(5).
void slice(unit::Line& line);
void controllers(unit::Line& line);
void delegate(unit::Line& line);
void memory(unit::Line& line);
void tasks(unit::Line& line);
void cpu_weight(unit::Line& line);
void io_weight(unit::Line& line);
void cpu_quota(unit::Line& line);
void pressure_mode(unit::Line& line);
void pressure_limit(unit::Line& line);
void addresses(unit::Line& line);
void devices(unit::Line& line);
void network_interfaces(unit::Line& line);
/// These functions read directives that newer directives replace. The first two warn of the old
/// name, like systemd.
void legacy_memory(unit::Line& line);
void legacy_cpu(unit::Line& line);
void legacy_io(unit::Line& line);

/// Reads one of `words` like check::word. A boolean is kept as "yes" or "no".
void word(unit::Line& line, std::string_view words);
/// Reads one of `words`, or a boolean. The property is a boolean: a word that is not a boolean is
/// kept as "yes".
void word_or_boolean(unit::Line& line, std::string_view words);

template <const char* Words>
void one_of(unit::Line& line) {
    word(line, Words);
}

template <const char* Words>
void boolean_or(unit::Line& line) {
    word_or_boolean(line, Words);
}

}  // namespace notifybridge::directive::keep
