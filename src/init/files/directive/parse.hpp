#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/util/words.hpp"
#include "init/files/unit/line.hpp"

/// Functions that read the values of lines. Each function stores the value of a line in a setting,
/// or adds a message that says why the value is not stored.
///
/// If the setting is a list, the value is appended, and an empty value clears the list. A comment
/// describes each function that works differently.
namespace notifybridge::directive::parse {

// The type of the setting selects the function.
void value(unit::Line& line, bool& setting);
/// Reads a boolean. An empty value unsets the setting.
void value(unit::Line& line, std::optional<bool>& setting);
void value(unit::Line& line, unsigned& setting);
void value(unit::Line& line, std::optional<unsigned>& setting);
void value(unit::Line& line, std::optional<int>& setting);
/// Reads a size.
void value(unit::Line& line, std::uint64_t& setting);
void value(unit::Line& line, util::TimeSpan& setting);
void value(unit::Line& line, std::optional<util::TimeSpan>& setting);
/// Reads the number of an exit status.
void value(unit::Line& line, std::optional<std::uint8_t>& setting);
void value(unit::Line& line, unit::ExitStatusSet& setting);
/// Reads a text and replaces its specifiers. An empty value restores the default. Most functions
/// below that read texts do the same.
void value(unit::Line& line, std::string& setting);
/// Reads a condition. An empty value clears the conditions of all types.
void value(unit::Line& line, std::vector<unit::Condition>& setting);
void value(unit::Line& line, unit::Commands& setting);
void value(unit::Line& line, std::vector<unit::EnvironmentFile>& setting);
void value(unit::Line& line, unit::Input& setting);
void value(unit::Line& line, unit::Output& setting);
void value(unit::Line& line, unit::ExecDirectories& setting);

// The following functions read single values (systemd.syntax(7), systemd.time(7)).
/// Refuses the unit if the value is not a boolean.
void strict_boolean(unit::Line& line, bool& setting);
void mode(unit::Line& line, mode_t& setting);
/// Reads a time span. An empty value unsets the setting.
void resettable_seconds(unit::Line& line, std::optional<util::TimeSpan>& setting);
/// Reads a time span. 0 means that there is no limit.
void timeout(unit::Line& line, util::TimeSpan& setting);
void optional_timeout(unit::Line& line, std::optional<util::TimeSpan>& setting);
void signal(unit::Line& line, int& setting);
void optional_signal(unit::Line& line, std::optional<int>& setting);

// The following functions read texts.
/// Stores the text as written. Replaces no specifiers.
void verbatim(unit::Line& line, std::string& setting);
void path(unit::Line& line, std::string& setting);
/// Refuses the unit if the value is not an absolute path.
void strict_path(unit::Line& line, std::string& setting);
void paths(unit::Line& line, unit::Paths& setting);
void user_or_group(unit::Line& line, std::string& setting);
void users_or_groups(unit::Line& line, unit::Names& setting);
void fd_name(unit::Line& line, std::string& setting);
void bus_name(unit::Line& line, std::string& setting);
/// Reads an absolute path, or a path relative to the runtime directory.
void pid_file(unit::Line& line, std::string& setting);

// Directives of systemd.unit(5).
void documentation(unit::Line& line, unit::Names& setting);
/// Reads unit names. An empty value clears nothing.
void dependencies(unit::Line& line, unit::Names& setting);
void mounts(unit::Line& line, unit::Paths& setting);
void isolates(unit::Line& line, unit::JobMode& setting);
void install_names(unit::Line& line, unit::Names& setting);
void default_instance(unit::Line& line, std::string& setting);

// Directives of systemd.service(5).
void start_and_stop_timeout(unit::Line& line);
void sockets(unit::Line& line, unit::Names& setting);

// Directives of systemd.socket(5).
void listen(unit::Line& line, unit::ListenType type, std::vector<unit::Listen>& setting);
void ipv6_only(unit::Line& line, unit::BindIpv6Only& setting);
void timestamping(unit::Line& line, unit::Timestamping& setting);
void type_of_service(unit::Line& line, std::optional<int>& setting);
void interface(unit::Line& line, std::string& setting);
void service_name(unit::Line& line, std::string& setting);

// Directives of systemd.timer(5). `elapse_rule` reads OnBootSec=, OnCalendar= and similar
// directives. An empty value clears the rules of all of these directives.
void elapse_rule(unit::Line& line, unit::TimerBase base);
/// Reads the name of the unit that this unit starts. Ignores a second name.
void triggered_unit(unit::Line& line, std::string& setting);

// Directives of systemd.path(5). `path_rule` reads PathExists= and similar directives. An empty
// value clears the rules of all of these directives.
void path_rule(unit::Line& line, unit::PathKind kind);

// Directives of systemd.exec(5).
void working_directory(unit::Line& line);
void nice(unit::Line& line, std::optional<int>& setting);
void cpu_scheduling_policy(unit::Line& line);
void cpu_scheduling_priority(unit::Line& line, int& setting);
void io_scheduling_class(unit::Line& line);
void io_scheduling_priority(unit::Line& line, std::optional<int>& setting);
/// Reads a time span. A number without a unit is in nanoseconds.
void nanoseconds(unit::Line& line, std::optional<std::uint64_t>& setting);
void oom_score_adjust(unit::Line& line, std::optional<int>& setting);
void environment(unit::Line& line, unit::Environment& setting);
void variable_names(unit::Line& line, unit::Names& setting);
void variables_to_unset(unit::Line& line, unit::Names& setting);
void input_text(unit::Line& line, std::string& setting);
void input_data(unit::Line& line, std::string& setting);
/// The unit of measure of a resource limit.
enum class LimitUnit { seconds, microseconds, bytes, count, niceness };
void limit(unit::Line& line, LimitUnit limit_unit, std::optional<rlimit>& setting);
void bounding_set(unit::Line& line, std::optional<std::uint64_t>& setting);
void capabilities(unit::Line& line, std::uint64_t& setting);
void secure_bits(unit::Line& line, int& setting);
/// Reads directories, but ignores a directory with a symbolic link ("path:link").
void plain_exec_directory(unit::Line& line, unit::ExecDirectories& setting);
/// Reads a boolean, or one of the words "connected" and "disconnected". "yes" means "connected".
void private_tmp(unit::Line& line, unit::PrivateTmp& setting);
void search_path(unit::Line& line, unit::Paths& setting);

/// Returns the index of the value in `words`, which are in the order of an enumeration. If the
/// value is not one of `words`, adds a message that lists them, and returns nullopt.
std::optional<std::size_t> find_choice(unit::Line& line, std::span<const std::string_view> words);

template <const auto& Words, typename Enumeration>
void choice(unit::Line& line, Enumeration& setting) {
    if (const auto found = find_choice(line, Words))
        setting = static_cast<Enumeration>(*found);
}

template <const auto& Words, typename Enumeration>
void choice(unit::Line& line, std::optional<Enumeration>& setting) {
    if (const auto found = find_choice(line, Words))
        setting = static_cast<Enumeration>(*found);
}

// The following functions help several readers.

/// Returns whether the value is empty. If so, restores the default of the setting.
template <typename Setting>
bool resets(const unit::Line& line, Setting& setting) {
    if (!line.value().empty())
        return false;
    setting = Setting();
    return true;
}

/// Returns `text` as a simplified absolute path. If `text` is not an absolute path, adds a message
/// and returns nullopt.
std::optional<std::string> absolute_path(const unit::Line& line, std::string_view text);

/// Replaces /var/run by /run at the beginning of a path. This applies to PIDFile=
/// (systemd.service(5)) and to the paths of sockets (systemd.socket(5)).
std::string without_var_run(const unit::Line& line, std::string path);

/// Calls `use` with each word. Warns and stops at an unclosed quote or an unknown escape.
template <typename Use>
void for_each_word(const unit::Line& line, util::WordRules rules, const Use& use) {
    util::WordReader words(line.value(), rules);
    std::string word;
    util::Extracted outcome;
    while ((outcome = words.next(word)) == util::Extracted::word)
        use(std::string_view(word));
    if (outcome == util::Extracted::invalid)
        line.ignore_word(words.rest(), "a closing quote is missing, or an escape is unknown");
}

}  // namespace notifybridge::directive::parse
