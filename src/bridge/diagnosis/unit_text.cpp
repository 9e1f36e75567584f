#include "bridge/diagnosis/unit_text.hpp"

#include <signal.h>
#include <time.h>

#include <array>
#include <ctime>
#include <optional>

#include "base/system/clock.hpp"
#include "base/util/contains.hpp"
#include "base/util/number.hpp"
#include "base/util/take_until.hpp"
#include "base/util/time_span.hpp"

namespace notifybridge::diagnosis {
namespace {

/// The properties that are lists of words.
constexpr auto lists = std::to_array<std::string_view>(
    {"After", "BindsTo", "Environment", "Requires", "Requisite", "TriggeredBy", "Triggers"});

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty())
        if (const std::string_view word = util::take_until(text, ' '); !word.empty())
            words.emplace_back(word);
    return words;
}

/// Returns the part of a command's record between `name` and the last `end` after it.
std::string_view field(std::string_view record, std::string_view name, std::string_view end) {
    const std::size_t at = record.rfind(name);
    if (at == record.npos)
        return {};
    record.remove_prefix(at + name.size());
    return record.substr(0, record.rfind(end));
}

/// Reads "{ path=/bin/false ; argv[]=/bin/false ; ignore_errors=no ; start_time=[…] ;
/// stop_time=[…] ; pid=7 ; code=exited ; status=1 }".
bus::Command read_command(std::string_view record) {
    bus::Command command;
    command.words = split(field(record, "argv[]=", " ; ignore_errors="));
    command.ignores_errors = record.find(" ; ignore_errors=yes") != record.npos;
    command.code = field(record, " ; code=", " ; status=") == "exited" ? CLD_EXITED : CLD_KILLED;
    const std::string_view status = field(record, " ; status=", "");
    command.status =
        util::parse_number<int>(status.substr(0, status.find_first_of(" /"))).value_or(0);
    return command;
}

std::vector<bus::Command> read_commands(std::string_view records) {
    constexpr std::string_view between = " } { ";
    std::vector<bus::Command> commands;
    while (!records.empty()) {
        const std::size_t end = records.find(between);
        commands.push_back(read_command(records.substr(0, end)));
        records = end == records.npos ? std::string_view() : records.substr(end + between.size());
    }
    return commands;
}

/// Reads a date in local time: "Tue 2026-12-01 00:00:00 CET".
std::optional<std::uint64_t> read_date(const std::string& text) {
    std::tm date{};
    date.tm_isdst = -1;
    if (!::strptime(text.c_str(), system::date_format, &date))
        return std::nullopt;
    constexpr std::uint64_t usec_per_second = 1'000'000;
    return static_cast<std::uint64_t>(std::mktime(&date)) * usec_per_second;
}

bus::Value read_value(std::string_view name, std::string_view text) {
    if (text.starts_with("{ "))
        return read_commands(text);
    if (util::contains(lists, name))
        return split(text);
    if (const auto number = util::parse_number<std::uint64_t>(text))
        return *number;
    if (name.ends_with("USecRealtime"))
        return read_date(std::string(text)).value_or(0);
    if (const auto span = util::parse_time_span(text); span && name.find("USec") != name.npos)
        return static_cast<std::uint64_t>(span->count());
    if (text == "yes" || text == "no")
        return text == "yes";
    return std::string(text);
}

}  // namespace

std::vector<UnitFacts> read_units(std::string_view text) {
    std::vector<UnitFacts> units;
    bool is_within = false;
    while (!text.empty()) {
        std::string_view value = util::take_until(text, '\n');
        const bool is_end = value.empty();
        const std::string_view name = util::take_until(value, '=');
        if (!is_end && !is_within)
            units.emplace_back();
        is_within = !is_end;
        if (is_within)
            set_property(units.back(), name, read_value(name, value));
    }
    return units;
}

}  // namespace notifybridge::diagnosis
