#include "init/ctl/status_text.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/system/clock.hpp"
#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/escape.hpp"
#include "base/util/function_ref.hpp"
#include "base/util/lenient_number.hpp"
#include "base/util/signal_names.hpp"
#include "base/util/time_span.hpp"
#include "init/ctl/amounts.hpp"
#include "init/files/unit/value.hpp"

namespace notifybridge::ctl {
namespace {

using util::concat;

/// A text whose lines are aligned at the ends of their labels: "  Loaded: ".
class Sheet {
public:
    explicit Sheet(std::size_t label_width = 11) : label_width_(label_width) {}

    /// Adds a line. A line with an empty label belongs to the label above it.
    void add(std::string_view label, std::string_view text) {
        if (label.size() < label_width_)
            text_.append(label_width_ - label.size(), ' ');
        text_ += label;
        text_ += label.empty() ? "  " : ": ";
        add(text);
    }
    void add(std::string_view line) {
        text_ += line;
        text_ += '\n';
    }

    std::string take() { return std::move(text_); }

private:
    std::size_t label_width_;
    std::string text_;
};

std::uint64_t number(std::string_view text) {
    return util::parse_lenient_unsigned(text).value_or(0);
}

std::uint64_t monotonic(const Properties& unit, std::string_view step) {
    return number(unit[concat(step, "TimestampMonotonic")]);
}

/// Returns the text in quotes of an error such as `org.freedesktop.systemd1.UnitMasked "Unit
/// a.service is masked."`.
std::string_view quoted_part(std::string_view error) {
    const std::size_t begin = error.find('"');
    return begin == error.npos || !error.ends_with('"')
               ? error
               : error.substr(begin + 1, error.size() - begin - 2);
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

std::string load_state(const Properties& unit) {
    const std::string_view error = unit["LoadError"];
    if (!error.empty())
        return concat(unit["LoadState"], " (Reason: ", quoted_part(error), ')');
    const std::string_view source = unit["SourcePath"];
    const std::string_view path = source.empty() ? unit["FragmentPath"] : source;
    const std::string_view file_state = unit["UnitFileState"];
    // A preset has no meaning if `enable` does not change the state of the file.
    const bool has_preset = file_state != "" && file_state != "alias" && file_state != "static"
                            && file_state != "generated" && file_state != "transient"
                            && !unit["UnitFilePreset"].empty();
    std::string text(unit["LoadState"]);
    if (!path.empty())
        text += concat(" (", path, file_state.empty() ? "" : "; ", file_state,
                       has_preset ? concat("; preset: ", unit["UnitFilePreset"]) : "", ')');
    return text;
}

/// Returns the name of the timestamp at which the unit entered its state.
std::string_view last_step(std::string_view active) {
    if (active == "active" || active == "reloading")
        return "ActiveEnter";
    if (active == "inactive" || active == "failed")
        return "InactiveEnter";
    return active == "activating" ? "InactiveExit" : "ActiveExit";
}

/// Returns a time and its age: "Fri 2026-11-20 17:40:18 UTC; 5s ago". Returns an empty text if the
/// unit has not reached this step.
std::string date_and_age(const Properties& unit, std::string_view step) {
    const std::uint64_t then = monotonic(unit, step);
    return then == 0 ? std::string()
                     : concat(unit[concat(step, "Timestamp")], "; ",
                              relative(system::monotonic_now(), then));
}

std::string active_state(const Properties& unit, bool has_colour) {
    const std::string_view active = unit["ActiveState"];
    const std::string_view result = unit["Result"];
    const std::string sub =
        unit["SubState"] == active ? std::string() : concat(" (", unit["SubState"], ')');
    std::string text = coloured(concat(active, sub), active, has_colour);
    if (!result.empty() && result != "success")
        text += concat(" (Result: ", result, ')');
    if (const std::string since = date_and_age(unit, last_step(active)); !since.empty())
        text += concat(" since ", since);
    return text;
}

/// Adds the time at which RuntimeMaxSec= ends an active unit, or how long an ended unit was active.
void add_duration(Sheet& sheet, const Properties& unit) {
    const std::string_view active = unit["ActiveState"];
    const std::uint64_t enter = monotonic(unit, "ActiveEnter");
    const std::uint64_t exit = monotonic(unit, "ActiveExit");
    const auto most = util::parse_time_span(unit["RuntimeMaxUSec"]);
    if (active == "active" && enter != 0 && most && *most != util::infinity) {
        const system::Moment now = system::now();
        const std::uint64_t end = enter + static_cast<std::uint64_t>(most->count());
        sheet.add("Until", concat(system::to_local_time(now.realtime - now.monotonic + end), "; ",
                                  relative(now.monotonic, end)));
    }
    if ((active == "inactive" || active == "failed") && !unit["Id"].ends_with(".target")
        && enter != 0 && exit >= enter)
        sheet.add("Duration",
                  util::to_decimal_string(util::TimeSpan(static_cast<std::int64_t>(exit - enter)),
                                          util::TimeSpan(1000)));
}

/// Adds the words of a property, each on its own line. Before each word, adds the mark that
/// `mark_of` returns for the word.
void add_list(Sheet& sheet, std::string_view label, const std::vector<std::string>& words,
              util::FunctionRef<std::string(std::string_view)> mark_of = {}) {
    for (const std::string& word : words)
        sheet.add(std::exchange(label, ""), mark_of ? concat(mark_of(word), ' ', word) : word);
}

/// Adds the directories of drop-in files. Below each directory are the names of its files.
void add_drop_ins(Sheet& sheet, const std::vector<std::string>& all) {
    const auto folder = [&](std::size_t at) { return all[at].substr(0, all[at].rfind('/')); };
    std::string names;
    for (std::size_t at = 0; at < all.size(); ++at) {
        if (at == 0 || folder(at) != folder(at - 1))
            sheet.add(at == 0 ? "Drop-In" : "", folder(at));
        names += concat(names.empty() ? "└─" : ", ", all[at].substr(folder(at).size() + 1));
        if (at + 1 == all.size() || folder(at) != folder(at + 1))
            sheet.add("", std::exchange(names, {}));
    }
}

/// Returns the part of an Exec property between `from` and `to`.
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
                      ", signal=", util::signal_to_string(static_cast<int>(number(status))));
    const int value = static_cast<int>(number(status));
    // Like systemctl, print only the names of the statuses that libc (0, 1) and systemd (from 200)
    // define.
    const bool has_name = value <= 1 || value >= 200;
    const std::string_view name = has_name ? unit::exit_status_to_string(value) : "";
    return concat("code=exited, status=", value, name.empty() ? "" : "/", name);
}

void add_processes(Sheet& sheet, const Properties& unit) {
    constexpr auto commands = std::to_array<std::string_view>(
        {"ExecCondition", "ExecStartPre", "ExecStart", "ExecStartPost", "ExecReload", "ExecStop",
         "ExecStopPre", "ExecStopPost"});
    for (const auto& [name, value] : unit.all()) {
        if (!util::contains(commands, name))
            continue;
        if (const std::string process = ended_process(name, value); !process.empty())
            sheet.add("Process", process);
    }
}

std::string process_name(std::string_view pid) {
    std::string name = system::text_of(concat("/proc/", pid, "/comm"));
    while (name.ends_with('\n'))
        name.pop_back();
    return util::escape_unseen(name);
}

/// Returns `pid` with the name of its process, or only `pid` if the process no longer exists.
std::string with_name(std::string_view pid) {
    const std::string name = process_name(pid);
    return name.empty() ? std::string(pid) : concat(pid, " (", name, ')');
}

/// Adds the main process and its end, and the control process.
void add_main_and_control(Sheet& sheet, const Properties& unit) {
    const auto code = unit::code_to_string(static_cast<int>(number(unit["ExecMainCode"])));
    const std::string_view control = unit["ControlPID"];
    std::string main;
    if (number(unit["MainPID"]) != 0)
        main = with_name(unit["MainPID"]);
    else if (number(unit["ExecMainPID"]) != 0 && !code.empty())
        main = concat(unit["ExecMainPID"], " (", end_of(code, unit["ExecMainStatus"]), ')');
    if (number(control) == 0 && !main.empty())
        sheet.add("Main PID", main);
    else if (number(control) != 0 && !main.empty())
        sheet.add("Main PID", concat(main, "; Control PID: ", with_name(control)));
    else if (number(control) != 0)
        sheet.add("Cntrl PID", with_name(control));
}

/// Adds the conditions and asserts that did not hold, and the time of the test.
void add_unmet(Sheet& sheet, const Properties& unit, const std::vector<Unmet>& unmet) {
    const auto add = [&](std::string_view kind, std::string_view noun) {
        if (unit[concat(kind, "Result")] != "no" || monotonic(unit, kind) == 0)
            return;
        sheet.add(kind, concat("start ", noun, " failed at ", date_and_age(unit, kind)));
    };
    add("Condition", "condition");
    std::vector<const Unmet*> conditions;
    const Unmet* assert = nullptr;
    // The manager tested the conditions from the last to the first. systemctl prints them in the
    // order of the file, and prints only one assert.
    for (const Unmet& each : unmet) {
        if (each.kind == "Condition")
            conditions.insert(conditions.begin(), &each);
        else if (!each.is_trigger || !assert)
            assert = &each;
    }
    for (const Unmet* const each : conditions)
        sheet.add("",
                  concat(each == conditions.back() ? "└─ " : "├─ ", each->text, " was not met"));
    add("Assert", "assertion");
    if (assert)
        sheet.add("", assert->is_trigger ? std::string("none of the trigger assertions were met")
                                         : concat(assert->text, " was not met"));
}

void add_socket(Sheet& sheet, const Properties& unit) {
    std::string_view label = "Listen";
    for (const auto& [name, value] : unit.all())
        if (name == "Listen")
            sheet.add(std::exchange(label, ""), value);
    if (unit["Accept"] != "yes")
        return;
    std::string text = concat(unit["NAccepted"], "; Connected: ", unit["NConnections"], ';');
    if (number(unit["NRefused"]) != 0)
        text += concat("   Refused: ", unit["NRefused"]);
    sheet.add("Accepted", text);
}

void add_next_elapse(Sheet& sheet, const Properties& unit, std::optional<std::uint64_t> next) {
    if (!unit["Id"].ends_with(".timer"))
        return;
    const bool is_known = next.value_or(0) != 0;
    sheet.add("Trigger", is_known ? concat(system::to_local_time(*next), "; ",
                                           relative(system::now().realtime, *next))
                                  : "n/a");
}

void add_status(Sheet& sheet, const Properties& unit) {
    if (const std::string_view text = unit["StatusText"]; !text.empty())
        sheet.add("Status", concat('"', util::escape(text), '"'));
    if (const std::uint64_t error = number(unit["StatusErrno"]); error != 0)
        sheet.add("Error", concat(error, " (", system::describe(static_cast<int>(error)), ')'));
}

/// Returns the command line of a process. If the command line is empty, returns the name of the
/// process in brackets.
std::string command_line(pid_t pid) {
    std::string line = system::text_of(concat("/proc/", pid, "/cmdline"));
    while (line.ends_with('\0'))
        line.pop_back();
    if (line.empty())
        return concat('[', process_name(concat(pid)), ']');
    std::ranges::replace(line, '\0', ' ');
    return util::escape(line);
}

/// Adds the kernel's counters for the unit. Then adds the unit's processes, below its control group
/// if it has one.
void add_group(Sheet& sheet, const Properties& unit, std::vector<pid_t> processes) {
    const auto is_set = [&](std::string_view name) {
        return !unit[name].empty() && unit[name] != "[not set]";
    };
    if (is_set("TasksCurrent"))
        sheet.add("Tasks", unit["TasksCurrent"]);
    if (is_set("MemoryCurrent"))
        sheet.add("Memory", size_text(number(unit["MemoryCurrent"])));
    if (is_set("CPUUsageNSec"))
        sheet.add("CPU", util::to_decimal_string(util::TimeSpan(static_cast<std::int64_t>(
                                                     number(unit["CPUUsageNSec"]) / 1000)),
                                                 util::TimeSpan(1000)));
    std::string_view label = "Processes";
    if (is_set("ControlGroup")) {
        sheet.add("CGroup", unit["ControlGroup"]);
        label = "";
    }
    std::ranges::sort(processes);
    const std::size_t width = processes.empty() ? 0 : concat(processes.back()).size();
    for (const pid_t pid : processes) {
        const std::string digits = concat(pid);
        sheet.add(std::exchange(label, ""),
                  concat(pid == processes.back() ? "└─" : "├─",
                         std::string(width - digits.size(), ' '), digits, ' ', command_line(pid)));
    }
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

std::string status_text(const Properties& unit, const Related& related, bool has_colour) {
    Sheet sheet;
    sheet.add(head(unit, has_colour));
    sheet.add("Loaded", load_state(unit));
    add_drop_ins(sheet, unit.words("DropInPaths"));
    sheet.add("Active", active_state(unit, has_colour));
    add_duration(sheet, unit);
    add_unmet(sheet, unit, related.unmet);
    add_list(sheet, "TriggeredBy", unit.words("TriggeredBy"), [&](std::string_view name) {
        const std::string state(related.active_state(std::string(name)));
        return coloured(mark(state), state, has_colour);
    });
    add_next_elapse(sheet, unit, related.next_elapse);
    // In contrast to TriggeredBy, systemctl prints this mark for each state.
    add_list(sheet, "Triggers", unit.words("Triggers"), [&](std::string_view name) {
        return coloured("●", related.active_state(std::string(name)), has_colour);
    });
    add_list(sheet, "Docs", unit.words("Documentation"));
    add_socket(sheet, unit);
    add_processes(sheet, unit);
    add_main_and_control(sheet, unit);
    add_status(sheet, unit);
    add_group(sheet, unit, related.processes);
    return sheet.take();
}

std::string system_text(const Properties& manager) {
    Sheet sheet(9);
    sheet.add(concat("● ", manager["Hostname"]));
    sheet.add("State", manager["SystemState"]);
    sheet.add("Units", concat(manager["NNames"], " loaded (incl. loaded aliases)"));
    sheet.add("Jobs", concat(manager["NJobs"], " queued"));
    sheet.add("Failed", concat(manager["NFailedUnits"], " units"));
    if (const std::string since = date_and_age(manager, "Userspace"); !since.empty())
        sheet.add("Since", since);
    return sheet.take();
}

}  // namespace notifybridge::ctl
