#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "base/system/clock.hpp"
#include "base/system/streams.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/number.hpp"
#include "init/ctl/amounts.hpp"
#include "init/ctl/names.hpp"
#include "init/ctl/table.hpp"
#include "init/ctl/verbs.hpp"

/// Implements the verbs that print tables.
namespace notifybridge::ctl {
namespace {

using util::concat;

struct UnitLine {
    std::string unit, load, active, sub, description, job;
};

std::vector<UnitLine> units(const Context& context) {
    const std::vector<std::string>& patterns = context.operands;
    std::vector<UnitLine> lines;
    context.call({{"call", "units"}}, [&](const json::object& unit) {
        if (is_shown(unit, context.options)
            && (patterns.empty() || matches_any(patterns, text(unit, "unit"))))
            lines.push_back({text(unit, "unit"), text(unit, "load"), text(unit, "active"),
                             text(unit, "sub"), text(unit, "description"), text(unit, "job")});
    });
    std::ranges::sort(lines, [](const UnitLine& one, const UnitLine& other) {
        return is_listed_before(one.unit, other.unit);
    });
    return lines;
}

std::string_view mark_of(const UnitLine& line) {
    const bool stands_out = line.active == "failed" || line.load == "error"
                            || line.load == "not-found" || line.load == "bad-setting"
                            || line.load == "masked";
    return stands_out ? "●" : " ";
}

void print_legend(const Context& context, const std::vector<UnitLine>& lines, bool has_jobs) {
    if (!lines.empty())
        system::out() << "\nLOAD   = Whether the unit's files could be read.\n"
                         "ACTIVE = The unit's state, in words that all types of units share.\n"
                         "SUB    = The unit's state, in words of its own type of unit.\n";
    if (has_jobs)
        system::out() << "JOB    = The unit's job that waits or runs, such as start.\n\n";
    const auto& states = context.options.states;
    const bool has_inactive = context.options.is_all || util::contains(states, "inactive");
    system::out() << lines.size() << " loaded units listed."
                  << (has_inactive || !states.empty()
                          ? "\n"
                          : " Pass --all to see loaded but inactive units, too.\n");
    if (has_inactive || states.empty())
        system::out() << "To show all installed unit files use 'systemctl list-unit-files'.\n";
}

void print(const Table& table, const Options& options) {
    if (options.is_json)
        system::out() << table.json(options.is_json_pretty);
    else
        system::out() << table.text(options.has_legend);
}

void print_legend_of(std::string_view things, const Table& table, const Options& options) {
    if (!options.has_legend || options.is_json)
        return;
    system::out() << '\n' << table.size() << ' ' << things << " listed.\n";
    if (!options.is_all)
        system::out() << "Pass --all to see loaded but inactive " << things << ", too.\n";
}

/// Returns the operands as unit names. Adds `suffix`, such as ".timer", to an operand without a
/// suffix.
std::vector<std::string> patterns_of(const Context& context, std::string_view suffix) {
    std::vector<std::string> patterns;
    for (const std::string& operand : context.operands)
        patterns.push_back(unit_name(operand, suffix, context.options));
    return patterns;
}

/// Returns a text that sorts like `path` if paths are compared component by component.
std::string sort_key(std::string path) {
    std::ranges::replace(path, '/', '\0');
    return path;
}

struct TimerLine {
    std::optional<std::uint64_t> next;  ///< 0 if unknown; nullopt if the timer never elapses.
    std::uint64_t last = 0;
    std::string unit, activates;
};

std::vector<TimerLine> timers(const Context& context) {
    const auto patterns = patterns_of(context, ".timer");
    std::vector<TimerLine> lines;
    context.call({{"call", "timers"}}, [&](const json::object& timer) {
        const std::string unit = text(timer, "unit");
        if (is_shown(timer, context.options) && (patterns.empty() || matches_any(patterns, unit)))
            lines.push_back({util::parse_number<std::uint64_t>(text(timer, "next")),
                             util::parse_number<std::uint64_t>(text(timer, "last")).value_or(0),
                             unit, text_lines(timer, "activates")});
    });
    std::ranges::sort(lines, {}, [](const TimerLine& line) {
        return std::make_tuple(!line.next, line.next.value_or(0), std::string_view(line.unit));
    });
    return lines;
}

std::vector<std::string> cells_of(TimerLine line, std::uint64_t now, bool is_json) {
    const std::uint64_t next = line.next.value_or(0);
    if (is_json) {
        const std::string number = line.next ? concat(next) : "";
        return {number,
                number,
                concat(line.last),
                concat(line.last),
                std::move(line.unit),
                std::move(line.activates)};
    }
    const auto date = [](std::uint64_t time) {
        return time == 0 ? std::string() : system::to_local_time(time);
    };
    const auto distance = [now](std::uint64_t time) {
        return time == 0 ? std::string() : relative(now, time);
    };
    return {date(next),          distance(next),       date(line.last),
            distance(line.last), std::move(line.unit), std::move(line.activates)};
}

}  // namespace

int list_units(const Context& context) {
    const Options& options = context.options;
    const auto lines = units(context);
    const bool has_jobs =
        std::ranges::any_of(lines, [](const UnitLine& line) { return !line.job.empty(); });
    const bool has_marks = !options.is_plain && !options.is_json;
    std::vector<std::string_view> header = {"UNIT", "LOAD", "ACTIVE", "SUB"};
    if (has_marks)
        header.insert(header.begin(), "");
    if (has_jobs)
        header.push_back("JOB");
    header.push_back("DESCRIPTION");
    Table table(header);
    for (const UnitLine& line : lines) {
        std::vector<std::string> cells = {line.unit, line.load, line.active, line.sub};
        if (has_marks)
            cells.insert(cells.begin(), std::string(mark_of(line)));
        if (has_jobs)
            cells.push_back(line.job);
        cells.push_back(line.description);
        table.add(std::move(cells));
    }
    print(table, options);
    if (options.has_legend && !options.is_json)
        print_legend(context, lines, has_jobs);
    return 0;
}

int list_sockets(const Context& context) {
    const bool shows_types = context.options.shows_types;
    std::vector<std::string_view> header = {"LISTEN", "UNIT", "ACTIVATES"};
    if (shows_types)
        header.insert(header.begin() + 1, "TYPE");
    Table table(std::move(header), true);
    std::vector<std::vector<std::string>> rows;
    const auto patterns = patterns_of(context, ".socket");
    context.call({{"call", "sockets"}}, [&](const json::object& socket) {
        const std::string unit = text(socket, "unit");
        if (!is_shown(socket, context.options)
            || (!patterns.empty() && !matches_any(patterns, unit)))
            return;
        rows.push_back({text(socket, "listen"), unit, text_lines(socket, "activates")});
        if (shows_types)
            rows.back().insert(rows.back().begin() + 1, text(socket, "type"));
    });
    std::ranges::sort(rows);
    for (auto& row : rows)
        table.add(std::move(row));
    print(table, context.options);
    print_legend_of("sockets", table, context.options);
    return 0;
}

int list_timers(const Context& context) {
    constexpr std::size_t numbers = 4;
    Table table({"NEXT", "LEFT", "LAST", "PASSED", "UNIT", "ACTIVATES"}, true, numbers);
    const std::uint64_t now = system::now().realtime;
    for (TimerLine& line : timers(context))
        table.add(cells_of(std::move(line), now, context.options.is_json));
    print(table, context.options);
    print_legend_of("timers", table, context.options);
    return 0;
}

int list_paths(const Context& context) {
    const auto patterns = patterns_of(context, ".path");
    std::vector<std::vector<std::string>> rows;
    context.call({{"call", "paths"}}, [&](const json::object& path) {
        const std::string unit = text(path, "unit");
        if (is_shown(path, context.options) && (patterns.empty() || matches_any(patterns, unit)))
            rows.push_back(
                {text(path, "path"), text(path, "condition"), unit, text_lines(path, "activates")});
    });
    std::ranges::sort(rows, {}, [](const std::vector<std::string>& row) {
        return std::make_tuple(sort_key(row[0]), row[1], row[2]);
    });
    Table table({"PATH", "CONDITION", "UNIT", "ACTIVATES"}, true);
    for (auto& row : rows)
        table.add(std::move(row));
    print(table, context.options);
    print_legend_of("paths", table, context.options);
    return 0;
}

int list_jobs(const Context& context) {
    Table table({"JOB", "UNIT", "TYPE", "STATE"});
    context.call({{"call", "jobs"}}, [&](const json::object& job) {
        if (context.operands.empty() || matches_any(context.operands, text(job, "unit")))
            table.add({text(job, "job"), text(job, "unit"), text(job, "type"), text(job, "state")});
    });
    const bool has_words = context.options.has_legend && !context.options.is_json;
    // Like systemctl, print an empty text and not an empty array if there are no jobs.
    if (table.size() == 0) {
        system::out() << (has_words ? "No jobs running.\n" : "");
        return 0;
    }
    print(table, context.options);
    if (has_words)
        system::out() << '\n' << table.size() << " jobs listed.\n";
    return 0;
}

}  // namespace notifybridge::ctl
