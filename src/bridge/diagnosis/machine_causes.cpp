#include "bridge/diagnosis/machine_causes.hpp"

#include <array>
#include <ranges>
#include <string_view>

#include "base/process/exit_status.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/take_until.hpp"
#include "base/util/words.hpp"
#include "bridge/diagnosis/remedy.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;
using util::escape;

/// Returns why the guest is not ready, as `wait` logs it when it gives up. Returns an empty text if
/// the log does not contain a reason.
std::string_view logged_reason(const Symptoms& symptoms) {
    constexpr auto beginnings =
        std::to_array<std::string_view>({" before READY=1; ", " (TIMEOUT, --timeout); "});
    for (const LogLine& line : symptoms.log | std::views::reverse) {
        const std::string_view text = line.text;
        if (line.writer != Writer::ours
            || (line.kind != LogLine::Kind::warning && line.kind != LogLine::Kind::error))
            continue;
        for (const std::string_view beginning : beginnings)
            if (const std::size_t at = text.find(beginning); at != text.npos)
                return text.substr(at + beginning.size());
    }
    return {};
}

std::string give_credential(const Symptoms& symptoms) {
    return concat("give the guest the credential ", credential(*symptoms.machine),
                  ", which systemd 254 and later use (", how_to_edit(symptoms), ')');
}

bool is_unreachable(const Symptoms& symptoms, std::string_view reason) {
    return !symptoms.machine->is_reachable || reason.find("/dev/vhost-vsock") != reason.npos;
}

Diagnosis diagnose_unreachable(const Symptoms& symptoms) {
    return {.cause = "guests of this machine need /dev/vhost-vsock, which does not exist",
            .remedy = concat("`modprobe vhost_vsock`, then ",
                             systemctl_command(symptoms.unit, "restart"))};
}

/// Describes the message that has not arrived, and adds the guest's last STATUS.
std::string missing_message(const Symptoms& symptoms) {
    const std::string& unit = symptoms.machine->ready_on;
    const std::string& status = symptoms.unit.status_text;
    return concat(unit.empty() ? "the guest did not send READY=1"
                               : concat("the guest did not report that ", escape(unit),
                                        " is active (--ready-on)"),
                  status.empty() ? "" : concat("; its last STATUS is ", util::quote(status)));
}

Diagnosis diagnose_not_ready(const Symptoms& symptoms, std::string_view reason) {
    if (is_unreachable(symptoms, reason))
        return diagnose_unreachable(symptoms);
    if (reason.starts_with("no message arrived"))
        return {.cause = "no message arrived from the guest", .remedy = give_credential(symptoms)};
    if (reason.starts_with("the guest has only sent"))
        return {.cause = escape(reason), .remedy = "let the guest send shorter messages"};
    Diagnosis found{.cause = missing_message(symptoms), .remedy = {}};
    const std::string& unit = symptoms.machine->ready_on;
    if (reason.empty() && symptoms.unit.status_text.empty())
        found.remedy = give_credential(symptoms);
    else if (unit.empty())
        found.remedy = concat("the guest's journal shows why; if the guest is only slow, ",
                              set_setting(symptoms, "a longer TimeoutStartSec="));
    else
        found.remedy =
            concat("in the guest, `systemctl status ", util::shell_word(unit),
                   "` shows why; if the guest has systemd before 256, which does not report units, "
                   "leave out --ready-on (",
                   how_to_edit(symptoms), ')');
    return found;
}

/// Returns whether `wait` started the virtual machine, and the machine then ended with status 0.
/// If so, the exit status of `wait` is the guest's EXIT_STATUS.
bool is_guests_status(const Symptoms& symptoms) {
    for (const LogLine& line : symptoms.log | std::views::reverse)
        if (line.writer == Writer::ours && line.kind == LogLine::Kind::notice
            && line.text.starts_with("the command "))
            return line.text == "the command exited with status 0";
    return false;
}

Diagnosis diagnose_end(const Symptoms& symptoms, process::ExitStatus end) {
    const std::string_view when = was_active(symptoms.unit) ? "" : " before READY=1";
    if (is_guests_status(symptoms))
        return {.cause = concat("the guest ended with EXIT_STATUS=", end.code, when),
                .remedy = "the guest's journal shows which of its units failed"};
    return {
        .cause = concat("the virtual machine ", process::describe(end), when, last_words(symptoms)),
        .remedy = concat("fix what the virtual machine reports; its whole output: ",
                         journalctl_command(symptoms.unit))};
}

/// Explains that `wait` killed the virtual machine, which ignored the stop signal.
Diagnosis diagnose_killed(const Symptoms& symptoms) {
    return {
        .cause = "the virtual machine did not end in time after its stop signal, and was killed",
        .remedy = concat("shut the guest down with ExecStop=, or ",
                         give_option(symptoms, "--stop-timeout=SPAN"))};
}

}  // namespace

std::optional<Diagnosis> find_machine_fault(const Symptoms& symptoms) {
    const UnitFacts& unit = symptoms.unit;
    if (!symptoms.machine)
        return std::nullopt;
    if (unit.result == "watchdog")
        return Diagnosis{
            .cause = concat("WATCHDOG=1 did not arrive within WatchdogSec= (", unit.watchdog, ')'),
            .remedy = concat("systemd in a guest sends no WATCHDOG=1; remove WatchdogSec= (",
                             how_to_edit(symptoms), ')')};
    const std::string_view reason = logged_reason(symptoms);
    const auto end = end_of(unit);
    if (!was_active(unit)) {
        const bool is_late =
            unit.result == "timeout" || (end && end->code == process::status_timed_out);
        if (is_late || (end && end->success())) {
            Diagnosis found = diagnose_not_ready(symptoms, reason);
            const std::string_view what = is_late ? "READY=1 did not arrive in time: "
                                                  : "the virtual machine ended before READY=1: ";
            found.cause = concat(what, found.cause);
            return found;
        }
        // If there is no reason, `wait` could not start the virtual machine, and has logged this
        // itself.
        if (reason.empty())
            return std::nullopt;
        if (is_unreachable(symptoms, reason))
            return diagnose_unreachable(symptoms);
    }
    if (span_before_kill(symptoms))
        return diagnose_killed(symptoms);
    const bool ended_itself = unit.result == "exit-code" && end && end->signal == 0;
    return ended_itself ? std::optional(diagnose_end(symptoms, *end)) : std::nullopt;
}

std::optional<Diagnosis> diagnose_machine_start(const Symptoms& symptoms) {
    const UnitFacts& unit = symptoms.unit;
    if (!symptoms.machine)
        return std::nullopt;
    const std::string& ready_on = symptoms.machine->ready_on;
    Diagnosis found;
    if (is_unreachable(symptoms, {})) {
        found = diagnose_unreachable(symptoms);
    } else {
        found.verdict = Finding::Verdict::note;
        found.cause = concat("waiting for ", ready_on.empty() ? "READY=1" : escape(ready_on),
                             " of the guest");
        if (unit.status_text.empty())
            found.remedy = concat("if it takes too long, ", give_credential(symptoms));
        else
            found.cause += concat("; its last STATUS is ", util::quote(unit.status_text));
    }
    found.cause = concat(escape(unit.name), " is starting: ", found.cause);
    return found;
}

}  // namespace notifybridge::diagnosis
