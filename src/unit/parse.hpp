#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>

#include "unit/line.hpp"
#include "unit/words.hpp"

/// The kinds of values that directives have: each reads the value of a line into a setting, or says
/// why it does not. Lists grow by what is assigned, and an empty value empties them, except where
/// it is said.
namespace notifybridge::unit::parse {

// Single values (systemd.syntax(7), systemd.time(7)).
void boolean(Line& line, bool& setting);
/// An empty value unsets it.
void optional_boolean(Line& line, std::optional<bool>& setting);
/// A unit with another value is refused.
void strict_boolean(Line& line, bool& setting);
void unsigned_number(Line& line, unsigned& setting);
void optional_unsigned(Line& line, std::optional<unsigned>& setting);
void integer(Line& line, std::optional<int>& setting);
void size(Line& line, std::uint64_t& setting);
void mode(Line& line, mode_t& setting);
void seconds(Line& line, TimeSpan& setting);
void optional_seconds(Line& line, std::optional<TimeSpan>& setting);
/// The same; an empty value unsets it.
void resettable_seconds(Line& line, std::optional<TimeSpan>& setting);
/// 0 stands for no limit.
void timeout(Line& line, TimeSpan& setting);
void optional_timeout(Line& line, std::optional<TimeSpan>& setting);
void signal(Line& line, int& setting);
void optional_signal(Line& line, std::optional<int>& setting);
/// An exit status by its number.
void exit_status(Line& line, std::optional<std::uint8_t>& setting);
void exit_statuses(Line& line, ExitStatusSet& setting);

// Texts; specifiers are replaced, and an empty value is the default.
void text(Line& line, std::string& setting);
/// As it stands, without specifiers.
void verbatim(Line& line, std::string& setting);
void path(Line& line, std::string& setting);
/// A unit with another value is refused.
void strict_path(Line& line, std::string& setting);
void paths(Line& line, Paths& setting);
void user_or_group(Line& line, std::string& setting);
void users_or_groups(Line& line, Names& setting);
void fd_name(Line& line, std::string& setting);
void bus_name(Line& line, std::string& setting);
/// Relative to the runtime directory.
void pid_file(Line& line, std::string& setting);

// systemd.unit(5)
void documentation(Line& line, Names& setting);
/// Names of units. An empty value empties nothing.
void dependencies(Line& line, Names& setting);
void mounts(Line& line, Paths& setting);
void isolates(Line& line, JobMode& setting);
/// An empty value empties the list, of conditions of all types.
void condition(Line& line, std::vector<Condition>& setting);
void install_names(Line& line, Names& setting);
void default_instance(Line& line, std::string& setting);

// systemd.service(5)
void commands(Line& line, Commands& setting);
void start_and_stop_timeout(Line& line, ServiceSettings& setting);
void sockets(Line& line, Names& setting);

// systemd.socket(5)
void listen(Line& line, std::vector<Listen>& setting);
void ipv6_only(Line& line, BindIpv6Only& setting);
void timestamping(Line& line, Timestamping& setting);
void type_of_service(Line& line, std::optional<int>& setting);
void interface(Line& line, std::string& setting);
void service_name(Line& line, std::string& setting);

// systemd.exec(5)
void working_directory(Line& line, ExecSettings& setting);
void nice(Line& line, std::optional<int>& setting);
void cpu_scheduling_policy(Line& line, ExecSettings& setting);
void cpu_scheduling_priority(Line& line, ExecSettings& setting);
void io_scheduling_class(Line& line, ExecSettings& setting);
void io_scheduling_priority(Line& line, std::optional<int>& setting);
/// A bare number is of nanoseconds.
void nanoseconds(Line& line, std::optional<std::uint64_t>& setting);
void oom_score_adjust(Line& line, std::optional<int>& setting);
void environment(Line& line, Environment& setting);
void environment_file(Line& line, std::vector<EnvironmentFile>& setting);
void variable_names(Line& line, Names& setting);
void variables_to_unset(Line& line, Names& setting);
void input(Line& line, Input& setting);
void output(Line& line, Output& setting);
void input_text(Line& line, std::string& setting);
void input_data(Line& line, std::string& setting);
void limit(Line& line, Limits& setting);
void bounding_set(Line& line, std::optional<std::uint64_t>& setting);
void capabilities(Line& line, std::uint64_t& setting);
void secure_bits(Line& line, int& setting);
void exec_directory(Line& line, ExecDirectories& setting);
/// The same; symbolic links cannot be asked for.
void plain_exec_directory(Line& line, ExecDirectories& setting);
void search_path(Line& line, Paths& setting);

/// Where the value is among `words`, which are in the order of an enumeration. Nothing, and a
/// message that names them, where it is not.
std::optional<std::size_t> find_choice(Line& line, std::span<const std::string_view> words);

template <const auto& Words, typename Enumeration>
void choice(Line& line, Enumeration& setting) {
    if (const auto found = find_choice(line, Words))
        setting = static_cast<Enumeration>(*found);
}

template <const auto& Words, typename Enumeration>
void choice(Line& line, std::optional<Enumeration>& setting) {
    if (const auto found = find_choice(line, Words))
        setting = static_cast<Enumeration>(*found);
}

// Parts that several kinds have in common.

/// `text` as an absolute path, simplified; nothing, and a message, where it is none.
std::optional<std::string> absolute_path(const Line& line, std::string_view text);

/// A path below /var/run is one below /run (systemd.service(5), PIDFile=; systemd.socket(5)).
std::string without_var_run(const Line& line, std::string path);

/// Adds what is not there yet.
void add_once(Names& names, std::string name);

/// Calls `use` for each word of the value, quotes removed. A quote that does not end ends it.
template <typename Use>
void for_each_word(const Line& line, WordRules rules, const Use& use) {
    WordReader words(line.value(), rules);
    std::string word;
    Extracted outcome;
    while ((outcome = words.next(word)) == Extracted::word)
        use(std::string_view(word));
    if (outcome == Extracted::invalid)
        line.ignore_word(words.rest(), "a quote in it does not end, or an escape is unknown");
}

}  // namespace notifybridge::unit::parse
