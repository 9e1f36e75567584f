#include "bridge/diagnosis/unit_log.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <ranges>

#include "base/system/clock.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/number.hpp"
#include "base/util/tags.hpp"
#include "base/util/take_until.hpp"
#include "base/util/words.hpp"
#include "bridge/diagnosis/journal_field.hpp"
#include "bridge/diagnosis/unit_search.hpp"
#include "bridge/runtime/own_command.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;

/// The number of lines to read from the end of the log, which contains the cause. The app may have
/// written any number of earlier lines.
constexpr int most_lines = 200;

bool take_prefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix))
        return false;
    text.remove_prefix(prefix.size());
    return true;
}

/// Removes a prefix such as "notifybridge run: " or "host-notify-waiter: ". Returns false if the
/// text has no such prefix.
bool take_invocation(std::string_view& text) {
    constexpr auto subcommands =
        std::to_array<std::string_view>({"run", "wait", "wrap", "init", "runtime"});
    std::string_view rest = text;
    std::string_view subcommand = util::take_until(rest, ':');
    const std::string_view name = util::take_until(subcommand, ' ');
    const bool is_ours = name == runtime::program_name
                             ? util::contains(subcommands, subcommand)
                             : runtime::is_own_name(name) && subcommand.empty();
    if (!is_ours || !take_prefix(rest, " "))
        return false;
    text = rest;
    return true;
}

/// Removes a prefix such as "[MAIN] " or "[PROXY 12:00:00] ", and also journald's "<3>" if it comes
/// first. Returns false if the text has no such prefix.
bool take_mark(std::string_view& text) {
    std::string_view rest = text;
    if (rest.size() > 3 && rest[0] == '<' && rest[2] == '>')
        rest.remove_prefix(3);
    if (!take_prefix(rest, "["))
        return false;
    std::string_view mark = util::take_until(rest, ']');
    const std::string_view name = util::take_until(mark, ' ');
    if ((name != "MAIN" && name != "PROXY") || !take_prefix(rest, " "))
        return false;
    text = rest;
    return true;
}

/// Returns whether a line is an event of podman: "2026-11-25 12:00:00.1 +0000 UTC m=+0.03 container
/// start ...".
bool is_event_of_podman(std::string_view text) {
    return text.find(" m=+") != text.npos && text.starts_with("2");
}

/// Returns whether conmon, podman's monitor, has written this line, and the line is less severe
/// than an error. conmon writes lines to syslog ("conmon 3b1e6f0c54a7f1d2c3b4 <nwarn>: ...") and to
/// its standard error ("[conmon:w]: ...").
bool is_note_of_conmon(std::string_view text) {
    if (take_prefix(text, "conmon "))
        return util::take_until(text, ':').find(" <n") != text.npos;
    return take_prefix(text, "[conmon:") && !text.starts_with("e]");
}

/// Returns whether `text` is a container's id, which `podman run --detach` prints.
bool is_id(std::string_view text) {
    constexpr std::size_t id_size = 64;
    return text.size() == id_size && text.find_first_not_of("0123456789abcdef") == text.npos;
}

/// Takes the tag at the end of `text`: "the app ended [ended-early]". Returns an empty text if
/// there is none.
std::string_view take_tag(std::string_view& text) {
    const std::size_t begin = text.rfind(" [");
    if (!text.ends_with(']') || begin == text.npos
        || text.substr(begin + 2).find_first_not_of("abcdefghijklmnopqrstuvwxyz-]") != text.npos)
        return {};
    const std::string_view tag = text.substr(begin + 1);
    text = text.substr(0, begin);
    return tag;
}

/// Takes all tags at the end of `text`. Only messages with one of a few tags may have [no-wrap]
/// before it. Other messages may end with words of the app, which could look like a tag.
std::vector<std::string> take_tags(std::string_view& text) {
    constexpr auto with_reason =
        std::to_array<tags::Tag>({tags::before_ready, tags::timeout, tags::command_ended});
    std::vector<std::string> found;
    if (const std::string_view last = take_tag(text); !last.empty())
        found.emplace_back(last);
    if (!found.empty() && util::contains(with_reason, found.front())
        && text.ends_with(concat(' ', tags::no_wrap)))
        found.emplace_back(take_tag(text));
    return found;
}

LogLine read_line(std::string_view text) {
    LogLine line;
    if (take_invocation(text)) {
        line.kind = LogLine::Kind::refusal;
    } else if (take_mark(text)) {
        if (take_prefix(text, "error: "))
            line.kind = LogLine::Kind::error;
        else if (take_prefix(text, "warning: "))
            line.kind = LogLine::Kind::warning;
        else
            line.kind = LogLine::Kind::notice;
        line.tags = take_tags(text);
    }
    line.text = text;
    return line;
}

bool is_unit_name(std::string_view name) {
    constexpr std::size_t longest_name = 255;
    return name.ends_with(".service") && name.size() <= longest_name && !name.starts_with('-')
           && name.find_first_of(" \t\n/=") == name.npos;
}

/// Returns the field of the journal that has the unit's name.
std::string_view unit_field(const UnitFacts& unit) {
    return unit.user ? "_SYSTEMD_USER_UNIT" : "_SYSTEMD_UNIT";
}

/// What read_messages() reads of an entry of the journal.
struct Entry {
    std::string_view message;
    std::string_view invocation;  ///< The id of the start; empty if journald did not know it.
    std::string_view stream;      ///< _STREAM_ID. systemd opens one for each command.
    bool is_of_unit = false;      ///< Whether journald knew the unit.
    LogOrigin origin;
};

/// Returns whether a message arrived after the end of the main process, and the unit has commands
/// that systemd starts then, such as ExecStop= or ExecStopPost=.
bool is_after_end(const Entry& entry, const UnitFacts& unit) {
    // A line of the main process may still be on its way to journald. systemd needs more time to
    // start a command.
    constexpr std::uint64_t on_the_way_usec = 1000;
    return unit.has_last_command && unit.main_ended_usec != 0
           && entry.origin.time_usec > unit.main_ended_usec + on_the_way_usec;
}

/// Takes the next entry. Returns nullopt if it was cut off.
std::optional<Entry> take_entry(std::string_view& entries, const UnitFacts& unit) {
    Entry entry;
    while (!entries.empty()) {
        const auto [name, value] = take_field(entries);
        if (name.empty())
            return entry;
        if (name == "MESSAGE")
            entry.message = value;
        else if (name == "__MONOTONIC_TIMESTAMP")
            entry.origin.time_usec = util::parse_number<std::uint64_t>(value).value_or(0);
        else if (name == "_PID")
            entry.origin.pid = util::parse_number<pid_t>(value).value_or(0);
        else if (name == "_TRANSPORT")
            entry.origin.transport = value;
        else if (name == "_LINE_BREAK")
            entry.origin.is_part = true;
        else if (name == "_STREAM_ID")
            entry.stream = value;
        else if (name == "_SYSTEMD_INVOCATION_ID")
            entry.invocation = value;
        else if (name == unit_field(unit))
            entry.is_of_unit = value == unit.name;
    }
    return std::nullopt;
}

}  // namespace

std::vector<LogLine> read_log(const std::vector<LogMessage>& messages) {
    std::vector<LogLine> lines;
    for (const LogMessage& message : messages)
        for (std::string_view rest = message.text; !rest.empty();) {
            const std::string_view stripped = util::strip(util::take_until(rest, '\n'));
            if (stripped.empty() || is_id(stripped) || is_event_of_podman(stripped)
                || is_note_of_conmon(stripped))
                continue;
            LogLine line = read_line(stripped);
            line.writer = message.writer;
            if (std::ranges::find(lines, line) == lines.end())
                lines.push_back(std::move(line));
        }
    return lines;
}

std::vector<LogMessage> read_messages(std::string_view entries, const UnitFacts& unit, Start start,
                                      uid_t viewer) {
    std::vector<Entry> all;
    while (const auto entry = take_entry(entries, unit))
        all.push_back(*entry);
    std::vector<LogMessage> messages;
    std::vector<LogMessage> late;
    std::vector<std::string_view> early_streams;
    std::string_view previous;
    for (const Entry& entry : all | std::views::reverse) {
        const bool is_earlier =
            entry.is_of_unit && !entry.invocation.empty() && entry.invocation != unit.invocation_id;
        if (is_earlier != (start == Start::previous))
            continue;
        if (is_earlier && entry.invocation != previous)
            messages.clear();
        previous = entry.invocation;
        // What the app wrote last may arrive late if journald is busy or a child copies it.
        const bool is_late =
            is_after_end(entry, unit) && !util::contains(early_streams, entry.stream);
        if (!is_late && !entry.stream.empty())
            util::add_once(early_streams, entry.stream);
        (is_late ? late : messages)
            .push_back({std::string(entry.message),
                        is_earlier ? Writer::other
                                   : writer_of(entry.origin, entry.message, unit, viewer)});
    }
    late.insert(late.end(), std::move_iterator(messages.begin()),
                std::move_iterator(messages.end()));
    return late;
}

std::vector<std::string> journal_command(const UnitFacts& unit, std::uint64_t since_usec) {
    if (!is_unit_name(unit.name))
        return {};
    constexpr std::string_view fields =
        "MESSAGE,_SYSTEMD_INVOCATION_ID,_PID,_TRANSPORT,_LINE_BREAK,_STREAM_ID,";
    std::vector<std::string> words = {
        "journalctl",
        "--quiet",
        "--no-pager",
        "--output=export",
        "--reverse",
        concat("--output-fields=", fields, unit_field(unit)),
        concat("--lines=", most_lines),
        concat("--since=@", since_usec / 1'000'000, '.', system::fraction_of_second(since_usec))};
    // If systemd's child cannot execute the program, journald may find no unit for its message.
    if (unit.last_main_pid > 0 && !unit.user)
        words.insert(words.end(),
                     {concat("UNIT=", unit.name), concat("_PID=", unit.last_main_pid), "+"});
    words.push_back(concat(unit_field(unit), '=', unit.name));
    if (!unit.user)
        return words;
    words.push_back(concat("_UID=", *unit.user));
    // Also search by pid. If a process ended quickly, journald knows its unit only for units of the
    // system's manager.
    if (unit.last_main_pid > 0)
        words.insert(words.end(), {"+", concat("_PID=", unit.last_main_pid),
                                   concat("_UID=", *unit.user), "_TRANSPORT=stdout"});
    return words;
}

std::vector<LogLine> log_of(const UnitFacts& unit, Start start) {
    const std::uint64_t started = unit.started_usec();
    const system::Moment now = system::now();
    // Allow for a delay, because systemd records this time after it has created the process, which
    // may have ended by then. If ExecStartPre= came first, its lines do not count.
    const std::uint64_t late_note_usec = unit.has_first_command ? 0 : 2'000'000;
    const std::uint64_t running =
        start == Start::previous ? now.monotonic : now.monotonic - started + late_note_usec;
    std::vector<std::string> words = journal_command(unit, now.realtime - running);
    if ((started == 0 && start == Start::last) || words.empty())
        return {};
    return read_log(read_messages(answer_of(std::move(words)), unit, start, ::geteuid()));
}

}  // namespace notifybridge::diagnosis
