#include "bridge/diagnosis/inactive_causes.hpp"

#include <span>
#include <string_view>

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "bridge/diagnosis/cause.hpp"
#include "bridge/diagnosis/job.hpp"
#include "bridge/diagnosis/remedy.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;

bool is_condition_false(const Facts& facts) {
    return facts.unit.failed_command.starts_with("ExecCondition=");
}

/// Finds a .service or other unit that this unit requires and that keeps it from starting. If
/// `load_state` is empty, it has failed.
bool requires_missing(Facts& facts, std::string_view load_state) {
    for (const UnitFacts& required : facts.symptoms.requirements) {
        const bool has_failed = required.active_state == "failed";
        if (!has_failed && (required.active_state != "inactive" || required.load_state == "loaded"))
            continue;
        facts.units = {required.name};
        facts.keep(util::escape(required.load_state));
        return has_failed ? load_state.empty()
                          : load_state == "*" || required.load_state == load_state;
    }
    return false;
}

/// Returns whether connections start the service: a .socket unit listens for one of its --proxy=,
/// and `run` does not listen itself. An address of `run` contains a colon, and a name does not.
bool has_socket_unit(const StartCommand& command) {
    return std::ranges::any_of(command.proxies, [](std::string_view proxy) {
        const std::size_t target = std::min(proxy.find("=tcp:"), proxy.find("=unix:"));
        return target == proxy.npos || proxy.substr(0, target).find(':') == proxy.npos;
    });
}

/// Finds the sockets of a service that connections start. They may not listen.
bool starts_on_demand(Facts& facts) {
    facts.units = {socket_of(facts.unit)};
    for (const UnitFacts& socket : facts.symptoms.sockets)
        if (socket.active_state != "inactive")
            facts.units = {socket.name};
    return has_socket_unit(facts.command);
}

bool do_sockets_sleep(Facts& facts) {
    facts.units = names_in_state(facts.symptoms.sockets, "inactive");
    return has_socket_unit(facts.command) && !facts.units.empty()
           && facts.units.size() == facts.symptoms.sockets.size();
}

/// Finds when the timers start the unit next.
bool starts_by_timer(Facts& facts) {
    for (const UnitFacts& timer : facts.symptoms.timers) {
        if (timer.active_state != "active")
            continue;
        const std::string next = next_start(timer, facts.symptoms.now);
        facts.found += concat("; ", util::escape(timer.name), " starts it",
                              next.empty() ? "" : concat(" on ", util::escape(next)));
    }
    return !facts.symptoms.timers.empty();
}

bool do_timers_sleep(Facts& facts) {
    facts.units = names_in_state(facts.symptoms.timers, "inactive");
    return starts_by_timer(facts) && facts.found.empty() && !facts.units.empty();
}

}  // namespace

std::span<const Cause> tables::inactive() {
    static const Cause rows[] = {
        {[](Facts& f) { return f.unit.load_state == "masked"; },
         "{name} is masked, so that it cannot start", "{systemctl unmask}"},
        {[](Facts& f) {
             f.units = names_in_state(f.symptoms.sockets, "failed");
             return !f.units.empty();
         },
         "{name} is not started{last_run}{failed_sockets}",
         "{units status} shows why; then {units restart}"},

        // systemd did not start it: a condition, or another unit.
        {[](Facts& f) { return is_condition_false(f) && timed_out(f); },
         "{name} is not started: {failed_command} did not end within TimeoutStartSec= "
         "({timeout_start})",
         "if it should run, correct this command ({edit})"},
        {[](Facts& f) { return is_condition_false(f); },
         "{name} is not started: {failed_command} {failed_command_end}",
         "if it should run, correct this command ({edit})"},
        {[](Facts& f) { return f.unit.is_condition_unmet && f.unit.condition_usec != 0; },
         "{name} is not started: a condition of [Unit] was not met",
         "{systemctl status} names the condition"},
        {[](Facts& f) { return requires_missing(f, ""); },
         "{name} is not started: it requires {unit}, which has failed",
         "{unit_journal} shows why; then {systemctl start}"},
        {[](Facts& f) { return requires_missing(f, "not-found"); },
         "{name} is not started: it requires {unit}, which does not exist",
         "{units status} shows more; if it is not needed, remove it from Requires= ({edit})"},
        {[](Facts& f) { return requires_missing(f, "masked"); },
         "{name} is not started: it requires {unit}, which is masked",
         "{units status} shows more; if it is not needed, remove it from Requires= ({edit})"},
        {[](Facts& f) { return requires_missing(f, "*"); },
         "{name} is not started: it requires {unit}, which systemd cannot load ({found})",
         "{units status} shows more; if it is not needed, remove it from Requires= ({edit})"},

        // The app put itself into the background, and notifybridge took the end of its first
        // process for the end of the app.
        {[](Facts& f) { return (!f.end || f.end->success()) && is_daemon(f); },
         "{name} is not started: the app put itself into the background, and its first process "
         "ended with status 0, so notifybridge stopped the others{last_words}",
         "configure the app to stay in the foreground ({edit})"},

        // A connection to its socket starts the unit, or its timer.
        {do_sockets_sleep, "{name} is not started{last_run}, and {unit} does not listen",
         "{units enable --now}", note},
        {starts_on_demand,
         "{name} is not started{last_run}; a connection to {unit} starts it{while_logged_in}",
         "{units status} shows whether the socket listens{linger listen}", note},
        {do_timers_sleep, "{name} is not started{last_run}, and {unit} is not started",
         "{units enable --now}", note},
        {starts_by_timer, "{name} is not started{last_run}{found}{while_logged_in}",
         "to start it now: {systemctl start}{linger start}", note},

        // While the user's manager knows how the last run ended, no logout has ended the unit.
        {[](Facts& f) { return !f.unit.user_without_linger.empty() && !f.end; },
         "{name} is not started: units of {user} end with the last session, and do not start at "
         "boot",
         "`loginctl enable-linger {user}`, then {systemctl start}"},
        // The unit has not failed: it has done its work, or somebody has stopped it.
        {always, "{name} is not started{last_run}",
         "{systemctl start}; if it does not start, {journal} shows why", note},
    };
    return rows;
}

std::optional<Diagnosis> diagnose_inactive(const Symptoms& symptoms) {
    return first_of(tables::inactive(), symptoms);
}

}  // namespace notifybridge::diagnosis
