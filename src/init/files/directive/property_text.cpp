#include "init/files/directive/property_text.hpp"

#include <signal.h>

#include <array>

#include "base/system/clock.hpp"
#include "base/util/concat.hpp"
#include "base/util/signal_names.hpp"
#include "init/files/unit/value.hpp"

namespace notifybridge::directive {
namespace {

using util::concat;

bool is_control(char c) {
    return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
}

bool needs_quotes(std::string_view word) {
    for (const char c : word)
        if (is_control(c) || std::string_view(" \"\\`$*?['()<>|&;!").find(c) != std::string::npos)
            return true;
    return false;
}

/// Returns the escape sequence of a control character, such as "\n" or the octal "\033".
std::string escaped_control(char c) {
    constexpr std::string_view letters = "abtnvfr";
    if (c >= '\a' && c <= '\r')
        return concat('\\', letters[static_cast<std::size_t>(c - '\a')]);
    const auto byte = static_cast<unsigned char>(c);
    const auto digit = [&](int shift) { return static_cast<char>('0' + ((byte >> shift) & 7)); };
    return concat('\\', digit(6), digit(3), digit(0));
}

std::string quoted_word(std::string_view word) {
    if (!needs_quotes(word))
        return std::string(word);
    std::string out = "\"";
    for (const char c : word) {
        if (is_control(c)) {
            out += escaped_control(c);
            continue;
        }
        if (std::string_view("\"\\`$").find(c) != std::string::npos)
            out += '\\';
        out += c;
    }
    return out + '"';
}

/// Returns the status of a run. This is the exit status, such as "3", if the process exited, and
/// "15/TERM" if a signal ended it. Returns "0/0" if the process has not ended.
std::string status_text(const CommandRun& run) {
    if (run.code == CLD_EXITED)
        return std::to_string(run.status);
    return concat(run.status, '/', run.status == 0 ? "0" : util::signal_to_string(run.status));
}

std::string moment(std::uint64_t realtime) {
    const std::string text = to_timestamp(realtime);
    return text.empty() ? "n/a" : text;
}

std::string command_text(const unit::Command& command, const std::string& flags,
                         const CommandRun& run) {
    return concat("{ path=", command.path, " ; argv[]=", joined(command.argv), " ; ", flags,
                  " ; start_time=[", moment(run.start), "] ; stop_time=[", moment(run.end),
                  "] ; pid=", run.pid,
                  " ; code=", run.code == 0 ? "(null)" : unit::code_to_string(run.code),
                  " ; status=", status_text(run), " }");
}

}  // namespace

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words)
        out += (&word == &words.front() ? "" : " ") + word;
    return out;
}

std::string property_name(std::string_view directive) {
    constexpr std::string_view seconds = "Sec";
    if (!directive.ends_with(seconds) || directive.ends_with("NSec"))
        return std::string(directive);
    directive.remove_suffix(seconds.size());
    return concat(directive, "USec");
}

std::string to_property(bool value) {
    return value ? "yes" : "no";
}

std::string or_not_set(std::optional<std::uint64_t> number) {
    return number ? concat(*number) : "[not set]";
}

std::string to_property(util::TimeSpan span) {
    return util::to_decimal_string(span);
}

std::string to_property(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words)
        out += (&word == &words.front() ? "" : " ") + quoted_word(word);
    return out;
}

std::string to_timestamp(std::uint64_t realtime) {
    return realtime == 0 ? std::string() : system::to_local_time(realtime);
}

std::string to_property(const unit::Command& command, const CommandRun& run) {
    return command_text(command, concat("ignore_errors=", to_property(command.ignores_failure)),
                        run);
}

std::string to_extended_property(const unit::Command& command, const CommandRun& run) {
    std::vector<std::string> flags;
    if (command.ignores_failure)
        flags.push_back("ignore-failure");
    if (command.privileges == unit::Privileges::full)
        flags.push_back("privileged");
    if (command.privileges == unit::Privileges::no_user_change)
        flags.push_back("no-setuid");
    if (command.privileges == unit::Privileges::ambient_or_none)
        flags.push_back("ambient");
    if (!command.expands_variables)
        flags.push_back("no-env-expand");
    return command_text(command, concat("flags=", joined(flags)), run);
}

}  // namespace notifybridge::directive
