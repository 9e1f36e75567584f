#include "bridge/diagnosis/machine_causes.hpp"

#include <array>
#include <ranges>
#include <string_view>

#include "base/process/exit_status.hpp"
#include "base/util/contains.hpp"
#include "base/util/escape.hpp"
#include "base/util/tags.hpp"
#include "bridge/diagnosis/cause.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::escape;

/// Returns why the guest is not ready, as `wait` logs it when it gives up. Returns an empty text if
/// the log does not contain a reason.
std::string logged_reason(const Symptoms& symptoms) {
    Facts facts(symptoms);
    return facts.keep_reason(find_own_line(symptoms,
                                           [](const LogLine& line) {
                                               return util::contains(line.tags, tags::before_ready)
                                                      || util::contains(line.tags, tags::timeout);
                                           }))
               ? escape(facts.part)
               : std::string();
}

/// Returns whether `wait` started the virtual machine, and the machine then ended with status 0.
/// If so, the exit status of `wait` is the guest's EXIT_STATUS.
bool is_guests_status(const Symptoms& symptoms) {
    const LogLine* const line = find_own_line(symptoms, [](const LogLine& each) {
        return util::contains(each.tags, tags::command_ended);
    });
    return line && line->text.ends_with(describe(process::ExitStatus::exited(0)));
}

bool is_unreachable(const Facts& facts) {
    return !facts.symptoms.machine->is_reachable
           || facts.found.find("/dev/vhost-vsock") != std::string::npos;
}

/// Finds that READY=1 of the guest did not arrive in time, or before the end of the machine.
bool is_guest_unready(Facts& facts) {
    facts.keep(logged_reason(facts.symptoms));
    return !was_active(facts.unit)
           && (timed_out(facts)
               || (facts.end
                   && (facts.end->code == process::status_timed_out || facts.end->success())));
}

/// Returns whether the machine has run. Otherwise, `wait` could not start it, and has logged this
/// itself.
bool has_machine_run(Facts& facts) {
    return facts.keep(logged_reason(facts.symptoms)) || was_active(facts.unit);
}

bool has_machine_ended(Facts& facts) {
    return has_machine_run(facts) && has_result(facts, "exit-code") && facts.end
           && facts.end->signal == 0;
}

constexpr const char* no_device =
    "guests of this machine need /dev/vhost-vsock, which does not exist";
constexpr const char* load_device = "`modprobe vhost_vsock`, then {systemctl restart}";

}  // namespace

std::span<const Cause> tables::machine_failures() {
    static const Cause rows[] = {
        {[](Facts& f) { return has_result(f, "watchdog"); },
         "WATCHDOG=1 did not arrive within WatchdogSec= ({watchdog})",
         "systemd in a guest sends no WATCHDOG=1; remove WatchdogSec= ({edit})"},
        {[](Facts& f) { return is_guest_unready(f) && is_unreachable(f); },
         "{guest_unready}guests of this machine need /dev/vhost-vsock, which does not exist",
         load_device},
        {[](Facts& f) { return is_guest_unready(f) && f.found.starts_with("no message arrived"); },
         "{guest_unready}no message arrived from the guest", "{give_credential}"},
        {[](Facts& f) {
             return is_guest_unready(f) && f.found.starts_with("the guest has only sent");
         },
         "{guest_unready}{found}", "let the guest send shorter messages"},
        {[](Facts& f) {
             return is_guest_unready(f) && f.found.empty() && f.unit.status_text.empty();
         },
         "{guest_unready}{missing_message}", "{give_credential}"},
        {[](Facts& f) { return is_guest_unready(f) && f.symptoms.machine->ready_on.empty(); },
         "{guest_unready}{missing_message}{last_status}",
         "the guest's journal shows why; if the guest is only slow, {set a longer "
         "TimeoutStartSec=}"},
        {is_guest_unready, "{guest_unready}{missing_message}{last_status}",
         "in the guest, `systemctl status {ready_on}` shows why; if the guest has systemd before "
         "256, which does not report units, leave out --ready-on ({edit})"},
        {[](Facts& f) { return has_machine_run(f) && !was_active(f.unit) && is_unreachable(f); },
         no_device, load_device},
        {[](Facts& f) { return has_machine_run(f) && !span_before_kill(f.symptoms).empty(); },
         "the virtual machine did not end in time after its stop signal, and was killed",
         "shut the guest down with ExecStop=, or {give --stop-timeout=SPAN}"},
        {[](Facts& f) { return has_machine_ended(f) && is_guests_status(f.symptoms); },
         "the guest ended with EXIT_STATUS={exit_status}{before_ready}",
         "the guest's journal shows which of its units failed"},
        {has_machine_ended, "the virtual machine {end}{before_ready}{last_words}",
         "fix what the virtual machine reports; its whole output: {journal}"},
    };
    return rows;
}

std::span<const Cause> tables::machine_starts() {
    static const Cause rows[] = {
        {[](Facts& f) { return is_unreachable(f); },
         "{name} is starting: guests of this machine need /dev/vhost-vsock, which does not exist",
         load_device},
        {[](Facts& f) { return f.unit.status_text.empty(); },
         "{name} is starting: waiting for {message_of_guest} of the guest",
         "if it takes too long, {give_credential}", note},
        {always,
         "{name} is starting: waiting for {message_of_guest} of the guest{last_status}",
         {},
         note},
    };
    return rows;
}

std::optional<Diagnosis> find_machine_fault(const Symptoms& symptoms) {
    return symptoms.machine ? first_of(tables::machine_failures(), symptoms) : std::nullopt;
}

std::optional<Diagnosis> diagnose_machine_start(const Symptoms& symptoms) {
    return symptoms.machine ? first_of(tables::machine_starts(), symptoms) : std::nullopt;
}

}  // namespace notifybridge::diagnosis
