#include "ctl/status_lines.hpp"

#include <algorithm>
#include <array>
#include <sstream>

#include "system/clock.hpp"
#include "system/file.hpp"
#include "unit/value.hpp"
#include "util/concat.hpp"
#include "util/lenient_number.hpp"

namespace notifybridge::ctl {
namespace {

using util::concat;

constexpr std::size_t label_width = 11;

/// "     Loaded: " and so on: the labels end in one column.
std::string labelled(std::string_view label, std::string_view text) {
    std::string line(label.size() < label_width ? label_width - label.size() : 0, ' ');
    line += label;
    line += label.empty() ? "  " : ": ";
    return line.append(text);
}

std::uint64_t number(std::string_view text) {
    return util::parse_lenient_unsigned(text).value_or(0);
}

std::string coloured(std::string_view text, std::string_view active, bool has_colour) {
    if (!has_colour)
        return std::string(text);
    if (active == "failed")
        return concat("\x1b[1;31m", text, "\x1b[0m");
    return active == "active" || active == "reloading" ? concat("\x1b[1;32m", text, "\x1b[0m")
                                                       : std::string(text);
}

std::string head(const Properties& unit, bool has_colour) {
    const std::string_view active = unit["ActiveState"];
    const std::string_view name = unit["Id"];
    const std::string_view description = unit["Description"];
    return concat(
        coloured(mark(active), active, has_colour), ' ', name,
        description.empty() || description == name ? std::string() : concat(" - ", description));
}

std::string loaded_line(const Properties& unit) {
    const std::string_view path = unit["FragmentPath"];
    const std::string_view file_state = unit["UnitFileState"];
    // What a preset says is of no use where the state comes from elsewhere.
    const bool has_preset = file_state != "" && file_state != "alias" && file_state != "static"
                            && file_state != "generated" && file_state != "transient"
                            && !unit["UnitFilePreset"].empty();
    std::string text(unit["LoadState"]);
    if (!path.empty())
        text += concat(" (", path, file_state.empty() ? "" : "; ", file_state,
                       has_preset ? concat("; preset: ", unit["UnitFilePreset"]) : "", ')');
    return labelled("Loaded", text);
}

std::string active_line(const Properties& unit, bool has_colour) {
    const std::string_view active = unit["ActiveState"];
    const std::string_view result = unit["Result"];
    std::string state(active);
    if (active == "failed" && !result.empty() && result != "success")
        state += concat(" (Result: ", result, ')');
    else if (unit["SubState"] != active)
        state += concat(" (", unit["SubState"], ')');
    std::string text = coloured(state, active, has_colour);
    const std::string_view since =
        unit[active == "inactive" ? "InactiveEnterTimestamp" : "StateChangeTimestamp"];
    const std::uint64_t then = number(unit["StateChangeTimestampMonotonic"]);
    if (!since.empty() && then != 0
        && (active != "inactive" || number(unit["InactiveEnterTimestampMonotonic"]) != 0))
        text += concat(" since ", since, "; ", ago(system::now().monotonic, then));
    return labelled("Active", text);
}

void add_list(std::vector<std::string>& lines, std::string_view label, std::string_view words) {
    std::istringstream in{std::string(words)};
    bool is_first = true;
    for (std::string word; in >> word;) {
        if (word.size() > 1 && word.starts_with('"') && word.ends_with('"'))
            word = word.substr(1, word.size() - 2);
        lines.push_back(labelled(std::exchange(is_first, false) ? label : "", word));
    }
}

/// A folder, and below it the names of its files.
void add_drop_ins(std::vector<std::string>& lines, std::string_view paths) {
    std::istringstream in{std::string(paths)};
    std::vector<std::string> all;
    for (std::string path; in >> path;)
        all.push_back(path);
    const auto folder = [](const std::string& path) { return path.substr(0, path.rfind('/')); };
    for (std::size_t at = 0; at < all.size(); ++at) {
        if (at == 0 || folder(all[at]) != folder(all[at - 1]))
            lines.push_back(labelled(at == 0 ? "Drop-In" : "", folder(all[at])));
        const bool is_last = at + 1 == all.size() || folder(all[at]) != folder(all[at + 1]);
        lines.push_back(
            labelled("", concat(is_last ? "└─" : "├─", all[at].substr(all[at].rfind('/') + 1))));
    }
}

/// The text between `from` and `to` in an Exec property.
std::string_view part(std::string_view text, std::string_view from, std::string_view to) {
    const std::size_t begin = text.find(from);
    if (begin == text.npos)
        return {};
    const std::size_t start = begin + from.size();
    const std::size_t end = text.find(to, start);
    return text.substr(start, end == text.npos ? text.npos : end - start);
}

std::string end_of(std::string_view code, std::string_view status) {
    if (code != "exited")
        return concat("code=", code,
                      ", signal=", unit::signal_to_string(static_cast<int>(number(status))));
    const int value = static_cast<int>(number(status));
    // Of LSB's names systemctl shows none.
    const bool has_name = value <= 1 || value >= 200;
    const std::string_view name = has_name ? unit::exit_status_to_string(value) : "";
    return concat("code=exited, status=", value, name.empty() ? "" : "/", name);
}

void add_processes(std::vector<std::string>& lines, const Properties& unit) {
    constexpr auto commands = std::to_array<std::string_view>(
        {"ExecCondition", "ExecStartPre", "ExecStart", "ExecStartPost", "ExecReload", "ExecStop",
         "ExecStopPre", "ExecStopPost"});
    for (const auto& [name, value] : unit.all()) {
        if (std::find(commands.begin(), commands.end(), name) == commands.end())
            continue;
        if (const std::string process = ended_process(name, value); !process.empty())
            lines.push_back(labelled("Process", process));
    }
}

std::string process_name(std::string_view pid) {
    std::string name = system::text_of(concat("/proc/", pid, "/comm"));
    while (name.ends_with('\n'))
        name.pop_back();
    return name;
}

void add_main_process(std::vector<std::string>& lines, const Properties& unit) {
    const std::string_view main = unit["MainPID"];
    if (number(main) != 0) {
        lines.push_back(labelled("Main PID", concat(main, " (", process_name(main), ')')));
        return;
    }
    static constexpr auto codes =
        std::to_array<std::string_view>({"", "exited", "killed", "dumped"});
    const std::uint64_t code = number(unit["ExecMainCode"]);
    if (number(unit["ExecMainPID"]) != 0 && code != 0 && code < codes.size())
        lines.push_back(labelled(
            "Main PID",
            concat(unit["ExecMainPID"], " (", end_of(codes[code], unit["ExecMainStatus"]), ')')));
}

void add_status(std::vector<std::string>& lines, const Properties& unit) {
    if (const std::string_view text = unit["StatusText"]; !text.empty())
        lines.push_back(labelled("Status", concat('"', text, '"')));
    if (const std::uint64_t error = number(unit["StatusErrno"]); error != 0)
        lines.push_back(
            labelled("Error", concat(error, " (", system::describe(static_cast<int>(error)), ')')));
}

}  // namespace

std::string_view mark(std::string_view active) {
    if (active == "failed")
        return "×";
    if (active == "inactive" || active == "maintenance")
        return "○";
    return active == "reloading" ? "↻" : "●";
}

std::string ended_process(std::string_view property, std::string_view command) {
    const std::string_view code = part(command, "; code=", " ;");
    const std::string_view pid = part(command, "; pid=", " ;");
    if (code.empty() || code == "(null)" || number(pid) == 0)
        return {};
    const std::string_view status = part(command, "; status=", " }");
    return concat(pid, ' ', property, '=', part(command, "argv[]=", " ; ignore_errors="), " (",
                  end_of(code, status.substr(0, status.find('/'))), ')');
}

std::vector<std::string> status_lines(const Properties& unit, bool has_colour) {
    std::vector<std::string> lines = {head(unit, has_colour), loaded_line(unit)};
    add_drop_ins(lines, unit["DropInPaths"]);
    lines.push_back(active_line(unit, has_colour));
    if (unit["ConditionResult"] == "no" && number(unit["ConditionTimestampMonotonic"]) != 0)
        lines.push_back(labelled("Condition",
                                 concat("start condition failed at ", unit["ConditionTimestamp"])));
    add_list(lines, "TriggeredBy", unit["TriggeredBy"]);
    add_list(lines, "Triggers", unit["Triggers"]);
    add_list(lines, "Docs", unit["Documentation"]);
    bool is_first = true;
    for (const auto& [name, value] : unit.all())
        if (name == "Listen")
            lines.push_back(labelled(std::exchange(is_first, false) ? "Listen" : "", value));
    add_processes(lines, unit);
    add_main_process(lines, unit);
    add_status(lines, unit);
    return lines;
}

std::vector<std::string> system_lines(const Properties& manager) {
    return {
        concat("● ", manager["Hostname"]),
        labelled("State", manager["SystemState"]),
        labelled("Units", concat(manager["NNames"], " loaded")),
        labelled("Jobs", concat(manager["NJobs"], " queued")),
        labelled("Failed", concat(manager["NFailedUnits"], " units")),
    };
}

std::string ago(std::uint64_t now, std::uint64_t then) {
    constexpr std::uint64_t ms = 1000, s = 1000 * ms, min = 60 * s, h = 60 * min, day = 24 * h,
                            week = 7 * day, month = 2'629'800 * s, year = 12 * month;
    const std::uint64_t d = now > then ? now - then : 0;
    const auto counted = [](std::uint64_t count, std::string_view what) {
        return concat(count, ' ', what, count == 1 ? "" : "s");
    };
    const auto pair = [&](std::uint64_t big, std::string_view big_name, std::uint64_t small,
                          std::string_view small_name) {
        return concat(counted(big, big_name), small == 0 ? "" : " ",
                      small == 0 ? std::string() : counted(small, small_name), " ago");
    };
    if (d >= year)
        return pair(d / year, "year", d % year / month, "month");
    if (d >= month)
        return pair(d / month, "month", d % month / day, "day");
    if (d >= week)
        return pair(d / week, "week", d % week / day, "day");
    if (d >= 2 * day)
        return concat(d / day, " days ago");
    if (d >= 25 * h)
        return concat("1 day ", (d - day) / h, "h ago");
    if (d >= 6 * h)
        return concat(d / h, "h ago");
    if (d >= h)
        return concat(d / h, "h ", d % h / min, "min ago");
    if (d >= 5 * min)
        return concat(d / min, "min ago");
    if (d >= min)
        return concat(d / min, "min ", d % min / s, "s ago");
    if (d >= s)
        return concat(d / s, "s ago");
    return d >= ms ? concat(d / ms, "ms ago") : d > 0 ? concat(d, "us ago") : "now";
}

}  // namespace notifybridge::ctl
