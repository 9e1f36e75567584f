#include "bridge/diagnosis/symptoms.hpp"

#include <signal.h>

#include <algorithm>
#include <array>
#include <ranges>
#include <span>
#include <string_view>

#include "base/util/base_name.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/escape.hpp"
#include "base/util/tags.hpp"
#include "base/util/take_until.hpp"
#include "base/util/time_span.hpp"
#include "bridge/diagnosis/docker_address.hpp"
#include "bridge/runtime/docker_context.hpp"
#include "bridge/runtime/manager.hpp"
#include "bridge/runtime/own_command.hpp"

namespace notifybridge::diagnosis {
namespace {

Starter starter_of(const UnitFacts& unit, std::span<const std::string> words) {
    if (unit.source_path.ends_with(".container"))
        return Starter::quadlet;
    for (std::size_t at = 0; at + 1 < words.size(); ++at)
        if (words[at + 1] == "init" && !runtime::is_manager(words[at]))
            return Starter::init;
    const std::string_view subcommand = runtime::own_subcommand(words);
    if (subcommand == "run")
        return Starter::run;
    if (subcommand == "wait")
        return Starter::wait;
    return subcommand == "wrap" ? Starter::wrap : Starter::other;
}

}  // namespace

Symptoms symptoms_of(const UnitFacts& unit, std::vector<LogLine> log) {
    const std::span<const std::string> words = start_words(unit);
    Symptoms symptoms{unit};
    symptoms.command = read_exec_start(words);
    symptoms.starter = starter_of(unit, words);
    symptoms.docker = runtime::docker_owner(
        docker_address_for(unit.user.value_or(0), variable_in_unit(unit, "DOCKER_HOST")));
    symptoms.machine = machine_of(unit);
    symptoms.log = std::move(log);
    return symptoms;
}

Symptoms symptoms_of_last_run(const Symptoms& symptoms) {
    Symptoms last{symptoms.last_run->unit};
    last.command = symptoms.command;
    last.starter = symptoms.starter;
    last.docker = symptoms.docker;
    last.machine = symptoms.machine;
    last.log = symptoms.last_run->log;
    last.now = symptoms.now;
    return last;
}

std::optional<process::ExitStatus> end_of(const UnitFacts& unit) {
    if (unit.main_code == 0)
        return std::nullopt;
    return unit.main_code == CLD_EXITED ? process::ExitStatus::exited(unit.main_status)
                                        : process::ExitStatus::killed(unit.main_status);
}

int signal_of(process::ExitStatus end) {
    constexpr int by_signal = 128;
    const bool was_killed = end.code > by_signal && end.code <= by_signal + SIGRTMAX;
    return was_killed ? end.code - by_signal : end.signal;
}

bool has_ended_well(const UnitFacts& unit) {
    const int by_term = process::ExitStatus::killed(SIGTERM).shell_status();
    const auto end = end_of(unit);
    return end && (end->success() || end->shell_status() == by_term);
}

bool is_alive(const UnitFacts& unit) {
    constexpr auto states =
        std::to_array<std::string_view>({"active", "activating", "reloading", "deactivating"});
    return util::contains(states, unit.active_state) && !unit.sub_state.starts_with("auto-restart");
}

bool is_ready(const UnitFacts& unit) {
    return unit.active_state == "active" || unit.active_state == "reloading";
}

bool was_active(const UnitFacts& unit) {
    return unit.active_usec != 0 && unit.active_usec >= unit.main_started_usec;
}

std::string_view manager_name(const Symptoms& symptoms) {
    const std::string& manager = symptoms.command.manager;
    return manager.empty() ? "podman" : util::base_name(manager);
}

const LogLine* find_own_line(const Symptoms& symptoms,
                             util::FunctionRef<bool(const LogLine&)> matches) {
    for (const LogLine& line : symptoms.log | std::views::reverse)
        if (line.writer == Writer::ours && matches(line))
            return &line;
    return nullptr;
}

const LogLine* find_line(const Symptoms& symptoms,
                         util::FunctionRef<bool(const LogLine&)> matches) {
    if (const LogLine* const own = find_own_line(symptoms, matches))
        return own;
    for (const LogLine& line : symptoms.log | std::views::reverse)
        if (matches(line))
            return &line;
    return nullptr;
}

const LogLine* find_tagged(const Symptoms& symptoms, tags::Tag tag) {
    return find_line(symptoms, [=](const LogLine& line) { return util::contains(line.tags, tag); });
}

std::string said(const LogLine& line, std::string_view part) {
    return line.writer == Writer::ours ? util::escape(part)
                                       : util::concat("its output says ", util::quote(part));
}

std::string span_before_kill(const Symptoms& symptoms) {
    const LogLine* const line = find_own_line(symptoms, [](const LogLine& each) {
        return util::contains(each.tags, tags::stop_timeout);
    });
    return line ? time_span_in(line->text) : std::string();
}

std::string time_span_in(std::string_view text) {
    constexpr int most_words = 7;  // As in "1w 1d 1h 1min 1s 1ms 1us".
    text = text.substr(0, text.find('"'));
    for (std::string_view rest = text; !rest.empty(); util::take_until(rest, ' ')) {
        std::string_view longest;
        std::size_t end = 0;
        for (int words = 0; words < most_words && end != rest.npos; ++words) {
            end = rest.find(' ', end == 0 ? 0 : end + 1);
            if (const std::string_view span = rest.substr(0, end); util::parse_time_span(span))
                longest = span;
        }
        if (!longest.empty())
            return util::escape(longest);
    }
    return {};
}

const LogLine* logged_end(const Symptoms& symptoms) {
    constexpr auto tags_of_end =
        std::to_array<tags::Tag>({tags::command_ended, tags::before_ready, tags::app_not_started,
                                  tags::command_failed, tags::late_ping});
    const auto is_end = [&](const LogLine& line) {
        return std::ranges::any_of(
            line.tags, [&](const std::string& tag) { return util::contains(tags_of_end, tag); });
    };
    const LogLine* first = nullptr;
    for (const LogLine& line : symptoms.log)
        if (is_end(line) && line.writer == Writer::ours)
            return &line;
        else if (is_end(line) && !first)
            first = &line;
    return first;
}

std::string last_words(const Symptoms& symptoms) {
    // systemd itself writes lines in the name of the unit, for example about ExecStopPost=. Such a
    // line counts only if the app has written nothing.
    const std::string by_systemd = util::concat(symptoms.unit.name, ": ");
    // If systemd has forgotten the end, lines after it may be the output of ExecStopPost=.
    const LogLine* const end = end_of(symptoms.unit) ? nullptr : logged_end(symptoms);
    const LogLine* last = nullptr;
    for (const LogLine& line : symptoms.log) {
        if (&line == end && last)
            break;
        const bool is_better =
            !last || last->text.starts_with(by_systemd) || !line.text.starts_with(by_systemd);
        if (line.kind == LogLine::Kind::other && is_better)
            last = &line;
    }
    return last ? util::concat("; its last line is ", util::quote(last->text)) : std::string();
}

}  // namespace notifybridge::diagnosis
