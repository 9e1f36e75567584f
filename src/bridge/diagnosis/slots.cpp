#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/process/exit_status.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "bridge/channel/health.hpp"
#include "bridge/diagnosis/cause.hpp"
#include "bridge/diagnosis/ignored_ready.hpp"
#include "bridge/diagnosis/manager_faults.hpp"
#include "bridge/diagnosis/probe_faults.hpp"
#include "bridge/diagnosis/remedy.hpp"
#include "bridge/diagnosis/time_limit.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;
using util::escape;

/// A slot in the texts of causes: "{edit}", or "{set KillMode=mixed}" with an argument.
struct Slot {
    std::string_view name;
    std::string (*value)(const Facts&, std::string_view argument);
};

/// A slot with the value of a property, escaped.
template <std::string UnitFacts::*member>
std::string property(const Facts& facts, std::string_view) {
    return escape(facts.unit.*member);
}

/// Returns the end of the app. Container managers report a signal as an exit status.
process::ExitStatus app_end(const Facts& facts) {
    const process::ExitStatus end = facts.end.value_or(process::ExitStatus());
    const int signal = signal_of(end);
    return signal != 0 ? process::ExitStatus::killed(signal) : end;
}

/// Returns "; the main process exited with status 1" for a command such as ExecStartPost=, which
/// may have waited for an app that had ended.
std::string end_beside_command(const Facts& facts, std::string_view) {
    return facts.end && !has_ended_well(facts.unit)
               ? fill("; the main process {end}{last_words}", facts)
               : std::string();
}

/// Returns what to do about a message that says this itself. A remedy never contains text of a log,
/// because whoever reads it as root may execute it.
std::string follow_message(const Facts& facts, std::string_view) {
    const bool is_ours = facts.line->writer == Writer::ours;
    const bool is_of_socket = is_ours && facts.part.find(".socket unit") != facts.part.npos
                              && facts.part.find("give --proxy=") == facts.part.npos;
    return concat(is_ours ? "follow this message" : "check this message", "; to edit the unit: ",
                  is_of_socket ? how_to_edit_socket(facts.unit) : how_to_edit(facts.symptoms));
}

constexpr auto slots = std::to_array<Slot>({
    // Commands and settings. Whoever starts the unit's container decides about their place.
    {"edit", [](const Facts& f, std::string_view) { return how_to_edit(f.symptoms); }},
    {"journal", [](const Facts& f, std::string_view) { return journalctl_command(f.unit); }},
    {"systemctl", [](const Facts& f, std::string_view verb) { return systemctl_command(f.unit, verb); }},
    {"set", [](const Facts& f, std::string_view setting) { return set_setting(f.symptoms, setting); }},
    {"give", [](const Facts& f, std::string_view option) { return give_option(f.symptoms, option); }},
    {"change", [](const Facts& f, std::string_view option) { return change_option(f.symptoms, option); }},
    {"more_time", [](const Facts& f, std::string_view) { return more_time(f.symptoms); }},
    {"start_again",
     [](const Facts& f, std::string_view) {
         return fill(f.unit.restart != "no" ? "{systemctl restart}"
                                            : "{systemctl restart}; so that systemd restarts it next "
                                              "time, {set Restart=on-failure}",
                     f);
     }},
    {"follow", follow_message},
    {"manager", [](const Facts& f, std::string_view) { return std::string(manager_name(f.symptoms)); }},
    {"image", [](const Facts& f, std::string_view) { return image_of(f.symptoms); }},
    // What the unit's properties and options say.
    {"type", property<&UnitFacts::type>},
    {"kill_mode", property<&UnitFacts::kill_mode>},
    {"timeout_start", property<&UnitFacts::timeout_start>},
    {"timeout_stop", property<&UnitFacts::timeout_stop>},
    {"runtime_limit", property<&UnitFacts::runtime_limit>},
    {"watchdog", property<&UnitFacts::watchdog>},
    {"stop_timeout", [](const Facts& f, std::string_view) { return escape(f.command.stop_timeout); }},
    {"alive_when", [](const Facts& f, std::string_view) { return escape(f.command.alive_when.front()); }},
    {"ready_when",
     [](const Facts& f, std::string_view) {
         return f.command.ready_when.empty() ? std::string("tcp:127.0.0.1:PORT")
                                             : escape(f.command.ready_when.front());
     }},
    {"status", [](const Facts& f, std::string_view) { return util::quote(f.unit.status_text); }},
    {"last_status",
     [](const Facts& f, std::string_view) {
         return fill(f.unit.status_text.empty() ? "" : "; its last STATUS is {status}", f);
     }},
    {"failed_command", [](const Facts& f, std::string_view) { return util::quote(f.unit.failed_command); }},
    {"failed_command_end",
     [](const Facts& f, std::string_view) { return f.unit.failed_command_end; }},
    {"end_beside_command", end_beside_command},
    // How the main process or the app ended.
    {"end", [](const Facts& f, std::string_view) { return describe(f.end.value_or(process::ExitStatus())); }},
    {"app_end", [](const Facts& f, std::string_view) { return describe(app_end(f)); }},
    {"exit_status",
     [](const Facts& f, std::string_view) {
         const process::ExitStatus end = f.end.value_or(process::ExitStatus());
         return end.signal != 0 ? process::signal_name(end.signal) : concat(end.code);
     }},
    // What the log and the condition of the row say.
    {"said", [](const Facts& f, std::string_view) { return said(*f.line, f.part); }},
    {"found", [](const Facts& f, std::string_view) { return f.found; }},
    {"last_words", [](const Facts& f, std::string_view) { return last_words(f.symptoms); }},
    // A start that took too long.
    {"limit", [](const Facts& f, std::string_view) { return passed_limit(f.symptoms)->name(f.symptoms); }},
    {"why_no_check", [](const Facts& f, std::string_view) { return reason_of_missing_check(f.symptoms); }},
    {"missing_probe", [](const Facts& f, std::string_view) { return remedy_of_missing_probe(f.symptoms); }},
    {"unmet_probe", [](const Facts& f, std::string_view) { return util::quote(unmet_probe(f.symptoms)); }},
    {"probe_remedy",
     [](const Facts& f, std::string_view) { return remedy_of_probe(f.symptoms, unmet_probe(f.symptoms)); }},
    {"ignored_ready", [](const Facts& f, std::string_view) { return ignored_ready(f.symptoms); }},
    {"send_ready", [](const Facts& f, std::string_view) { return remedy_of_ignored_ready(f.symptoms); }},
});

/// Takes the slot at the beginning of `text`, which follows the opening brace.
std::string_view take_slot(std::string_view& text) {
    int depth = 1;
    std::size_t at = 0;
    for (; at < text.size() && depth > 0; ++at)
        depth += text[at] == '{' ? 1 : text[at] == '}' ? -1 : 0;
    const std::string_view slot = text.substr(0, at - 1);
    text.remove_prefix(at);
    return slot;
}

std::string value_of(std::string_view slot, const Facts& facts) {
    const std::string_view name = slot.substr(0, slot.find(' '));
    const auto row = std::ranges::find(slots, name, &Slot::name);
    if (row == slots.end())
        return concat('{', slot, '}');
    slot.remove_prefix(std::min(name.size() + 1, slot.size()));
    return row->value(facts, fill(slot, facts));
}

}  // namespace

std::string fill(std::string_view text, const Facts& facts) {
    std::string filled;
    while (true) {
        const std::size_t open = text.find('{');
        filled += text.substr(0, open);
        if (open == text.npos)
            return filled;
        text.remove_prefix(open + 1);
        filled += value_of(take_slot(text), facts);
    }
}

}  // namespace notifybridge::diagnosis
