#include <algorithm>
#include <span>
#include <string>
#include <string_view>

#include "base/process/exit_status.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/escape.hpp"
#include "base/util/take_until.hpp"
#include "base/util/time_span.hpp"
#include "base/util/words.hpp"
#include "bridge/diagnosis/cause.hpp"
#include "bridge/diagnosis/ignored_ready.hpp"
#include "bridge/diagnosis/manager_faults.hpp"
#include "bridge/diagnosis/probe_faults.hpp"
#include "bridge/diagnosis/remedy.hpp"
#include "bridge/diagnosis/running_causes.hpp"
#include "bridge/diagnosis/time_limit.hpp"
#include "bridge/runtime/docker_setup.hpp"
#include "bridge/runtime/manager.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;
using util::escape;

using Argument = std::string_view;

constexpr process::ExitStatus no_end;

/// A slot in the texts of causes: "{edit}", or "{set KillMode=mixed}" with an argument.
struct Slot {
    std::string name;
    std::string (*value)(const Facts&, Argument);
};

/// A slot with the value of a property, escaped.
template <std::string UnitFacts::*member>
std::string property(const Facts& facts, Argument) {
    return escape(facts.unit.*member);
}

/// A slot with a time span.
template <util::TimeSpan UnitFacts::*member>
std::string time_span(const Facts& facts, Argument) {
    return util::to_decimal_string(facts.unit.*member);
}

/// Returns the end of the app. Container managers report a signal as an exit status.
process::ExitStatus app_end(const Facts& facts) {
    const process::ExitStatus end = facts.end.value_or(no_end);
    const int signal = signal_of(end);
    return signal != 0 ? process::ExitStatus::killed(signal) : end;
}

/// Returns "; the main process exited with status 1" for a command such as ExecStartPost=, which
/// may have waited for an app that had ended.
std::string end_beside_command(const Facts& facts, Argument) {
    return facts.end && !has_ended_well(facts.unit)
               ? fill_in("; the main process {end}{last_words}", facts)
               : std::string();
}

/// Returns what to do about a message that says this itself. A remedy never contains text of a log,
/// because whoever reads it as root may execute it.
std::string follow_message(const Facts& facts, Argument) {
    const bool is_ours = facts.line->writer == Writer::ours;
    const bool is_of_socket = is_ours && facts.part.find(".socket unit") != facts.part.npos
                              && facts.part.find("give --proxy=") == facts.part.npos;
    return concat(is_ours ? "follow this message" : "check this message", "; to edit the unit: ",
                  is_of_socket ? how_to_edit_socket(facts.unit) : how_to_edit(facts.symptoms));
}

std::string start_docker(const Facts& facts, Argument) {
    const bool is_of_user = facts.symptoms.docker == runtime::DockerOwner::user;
    const bool is_ordered = util::contains(facts.unit.after, "docker.service");
    return concat(
        is_of_user ? "`systemctl --user start docker`" : "`systemctl start docker`",
        fill_in(is_ordered ? "" : "; add After=docker.service to [Unit] ({systemctl edit})",
                facts));
}

/// Returns "; a.socket has failed (resources) and does not listen" with the failed sockets.
std::string failed_sockets(const Facts& facts, Argument) {
    std::string text;
    for (const UnitFacts& socket : facts.symptoms.sockets)
        if (socket.active_state == "failed")
            text += concat(text.empty() ? "; " : ", and ", escape(socket.name), " has failed (",
                           escape(socket.result), ") and does not listen");
    return text;
}

/// The user's sockets and timers end at logout if the user does not linger. `wish` names what else
/// the user may want.
std::string linger(const Facts& facts, Argument wish) {
    const std::string& user = facts.unit.user_without_linger;
    return user.empty()
               ? std::string()
               : concat("; if it should ", wish, " without a session: `loginctl enable-linger ",
                        util::shell_word(user), '`');
}

std::string missing_message(const Facts& facts, Argument) {
    const std::string& unit = facts.symptoms.machine->ready_on;
    return unit.empty()
               ? "the guest did not send READY=1"
               : concat("the guest did not report that ", escape(unit), " is active (--ready-on)");
}

std::span<const Slot> slots() {
    static const Slot rows[] = {
        // Commands, and where to change what. Whoever starts the unit's container decides about
        // places.
        {"systemctl",
         [](const Facts& f, Argument verb) { return systemctl_command(f.unit, verb); }},
        {"journal", [](const Facts& f, Argument) { return journalctl_command(f.unit); }},
        {"daemon_reload",
         [](const Facts& f, Argument) {
             return concat('`', systemctl_for(f.unit), " daemon-reload`");
         }},
        {"edit", [](const Facts& f, Argument) { return how_to_edit(f.symptoms); }},
        {"set", [](const Facts& f, Argument setting) { return set_setting(f.symptoms, setting); }},
        {"give", [](const Facts& f, Argument option) { return give_option(f.symptoms, option); }},
        {"change",
         [](const Facts& f, Argument option) { return change_option(f.symptoms, option); }},
        {"more_time", [](const Facts& f, Argument) { return more_time(f.symptoms); }},
        {"start_again",
         [](const Facts& f, Argument) {
             return fill_in(f.unit.restart != "no"
                                ? "{systemctl restart}"
                                : "{systemctl restart}; so that systemd restarts it next time, "
                                  "{set Restart=on-failure}",
                            f);
         }},
        {"report_reloads",
         [](const Facts& f, Argument) {
             return fill_in(f.command.ready_when.empty()
                                ? "if the app does not report its reloads, {give "
                                  "--ready-when=listen:PORT}: notifybridge then reports them"
                                : "if the app is only slow, {set a longer TimeoutStartSec=}",
                            f);
         }},
        {"follow", follow_message},
        {"start_docker", start_docker},
        {"configure_docker",
         [](const Facts& f, Argument) {
             return std::string(runtime::configure_command(f.symptoms.docker));
         }},
        {"replace_container",
         [](const Facts& f, Argument) {
             return fill_in(runtime::find_manager(manager_name(f.symptoms))->has_replace
                                ? "add --replace to podman run ({edit})"
                                : "remove it before the start: ExecStartPre=-{manager} rm --force "
                                  "NAME ({systemctl edit})",
                            f);
         }},
        {"manager", [](const Facts& f, Argument) { return std::string(manager_name(f.symptoms)); }},
        {"image", [](const Facts& f, Argument) { return image_of(f.symptoms); }},

        // Properties of the unit, and our options.
        {"name", property<&UnitFacts::name>},
        {"type", property<&UnitFacts::type>},
        {"result", property<&UnitFacts::result>},
        {"source", property<&UnitFacts::source_path>},
        {"user", property<&UnitFacts::user_without_linger>},
        {"kill_mode", property<&UnitFacts::kill_mode>},
        {"timeout_start", time_span<&UnitFacts::timeout_start>},
        {"timeout_stop", time_span<&UnitFacts::timeout_stop>},
        {"runtime_limit", time_span<&UnitFacts::runtime_limit>},
        {"watchdog", time_span<&UnitFacts::watchdog>},
        {"start_limit", [](const Facts& f, Argument) { return concat(f.unit.start_limit); }},
        {"stop_timeout", [](const Facts& f, Argument) { return escape(f.command.stop_timeout); }},
        {"alive_when",
         [](const Facts& f, Argument) { return escape(f.command.alive_when.front()); }},
        {"ready_when",
         [](const Facts& f, Argument) {
             return f.command.ready_when.empty() ? "listen:PORT"
                                                 : escape(f.command.ready_when.front());
         }},
        {"health_off", [](const Facts& f, Argument) { return escape(f.command.health_off); }},
        {"age", [](const Facts& f, Argument) { return util::to_string(age_of_state(f.symptoms)); }},
        {"restarts",
         [](const Facts& f, Argument) {
             return concat(f.unit.restarts, f.unit.restarts == 1 ? " restart" : " restarts");
         }},
        {"after_restarts",
         [](const Facts& f, Argument) {
             return fill_in(f.unit.restarts > 0 ? ", after {restarts}" : "", f);
         }},
        {"why_restarted",
         [](const Facts& f, Argument) {
             return fill_in(f.unit.restarts > 0 ? "{journal} shows why it failed" : "", f);
         }},
        {"status", [](const Facts& f, Argument) { return util::quote(f.unit.status_text); }},
        {"last_status",
         [](const Facts& f, Argument) {
             return fill_in(f.unit.status_text.empty() ? "" : "; its last STATUS is {status}", f);
         }},
        {"failed_command",
         [](const Facts& f, Argument) { return util::quote(f.unit.failed_command); }},
        {"failed_command_end", [](const Facts& f, Argument) { return f.unit.failed_command_end; }},
        {"end_beside_command", end_beside_command},

        // How the main process or the app ended.
        {"end", [](const Facts& f, Argument) { return describe(f.end.value_or(no_end)); }},
        {"app_end", [](const Facts& f, Argument) { return describe(app_end(f)); }},
        {"exit_status",
         [](const Facts& f, Argument) {
             const process::ExitStatus end = f.end.value_or(no_end);
             return end.signal != 0 ? process::signal_name(end.signal) : concat(end.code);
         }},
        {"last_run",
         [](const Facts& f, Argument) { return fill_in(f.end ? "; its last run {end}" : "", f); }},
        {"before_ready",
         [](const Facts& f, Argument) {
             return std::string(was_active(f.unit) ? "" : " before READY=1");
         }},

        // What the log and the condition of the row say.
        {"said", [](const Facts& f, Argument) { return said(*f.line, f.part); }},
        {"found", [](const Facts& f, Argument) { return f.found; }},
        {"cause", [](const Facts& f, Argument) { return f.other->cause; }},
        {"remedy", [](const Facts& f, Argument) { return f.other->remedy; }},
        {"last_words", [](const Facts& f, Argument) { return last_words(f.symptoms); }},

        // Other units: those that the condition has found.
        {"unit", [](const Facts& f, Argument) { return escape(f.units.front()); }},
        {"unit_journal",
         [](const Facts& f, Argument) { return journalctl_command(f.unit, f.units.front()); }},
        {"units",
         [](const Facts& f, Argument verb) { return trigger_command(f.unit, verb, f.units); }},
        {"start_with_units",
         [](const Facts& f, Argument) {
             return fill_in(f.units.empty() ? "{systemctl start}" : "{units restart}", f);
         }},
        {"then_units",
         [](const Facts& f, Argument) {
             return fill_in(f.units.empty() ? "" : "; then {units restart}", f);
         }},
        {"failed_sockets", failed_sockets},
        {"while_logged_in",
         [](const Facts& f, Argument) {
             return fill_in(f.unit.user_without_linger.empty() ? ""
                                                                : " while {user} is logged in",
                            f);
         }},
        {"linger", linger},

        // A start that took too long, and its probe.
        {"limit", [](const Facts& f, Argument) { return passed_limit(f.symptoms)->cause; }},
        {"why_no_check",
         [](const Facts& f, Argument) { return reason_of_missing_check(f.symptoms); }},
        {"missing_probe",
         [](const Facts& f, Argument) { return remedy_of_missing_probe(f.symptoms); }},
        {"open_socket",
         [](const Facts& f, Argument) {
             return std::string(may_close_socket(f.symptoms) ? "; if the app runs as another user, "
                                                               "give `wrap` --socket-mode=0666"
                                                             : "");
         }},
        {"unmet_probe",
         [](const Facts& f, Argument) { return util::quote(unmet_probe(f.symptoms)); }},
        {"probe_remedy",
         [](const Facts& f, Argument) {
             return remedy_of_probe(f.symptoms, unmet_probe(f.symptoms));
         }},
        {"port", [](const Facts& f, Argument) { return std::string(port_of_probe(f)); }},
        {"ready_option", ready_option},
        {"ready_option_name",
         [](const Facts& f, Argument) { return std::string(ready_option_name(f.command)); }},
        {"ignored_ready", [](const Facts& f, Argument) { return ignored_ready(f.symptoms); }},
        {"send_ready",
         [](const Facts& f, Argument) { return remedy_of_ignored_ready(f.symptoms); }},

        // The guest of a virtual machine.
        {"give_credential",
         [](const Facts& f, Argument) {
             return concat("give the guest the credential ", credential(*f.symptoms.machine),
                           fill_in(", which systemd 254 and later use ({edit})", f));
         }},
        {"guest_unready",
         [](const Facts& f, Argument) {
             return std::string(f.end && f.end->success() && !timed_out(f)
                                    ? "the virtual machine ended before READY=1: "
                                    : "READY=1 did not arrive in time: ");
         }},
        {"missing_message", missing_message},
        {"message_of_guest",
         [](const Facts& f, Argument) {
             const std::string& unit = f.symptoms.machine->ready_on;
             return unit.empty() ? "READY=1" : escape(unit);
         }},
        {"ready_on",
         [](const Facts& f, Argument) { return util::shell_word(f.symptoms.machine->ready_on); }},
    };
    return rows;
}

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
    const auto row = std::ranges::find(slots(), name, &Slot::name);
    if (row == slots().end())
        return concat('{', slot, '}');
    slot.remove_prefix(std::min(name.size() + 1, slot.size()));
    return row->value(facts, fill_in(slot, facts));
}

}  // namespace

std::string fill_in(std::string_view text, const Facts& facts) {
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
