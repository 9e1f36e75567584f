#include "bridge/diagnosis/failure_causes.hpp"

#include <signal.h>

#include <algorithm>
#include <array>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>

#include "base/process/exit_status.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/escape.hpp"
#include "base/util/take_until.hpp"
#include "bridge/diagnosis/machine_causes.hpp"
#include "bridge/diagnosis/manager_faults.hpp"
#include "bridge/diagnosis/remedy.hpp"
#include "bridge/diagnosis/sandbox_causes.hpp"
#include "bridge/diagnosis/setting_causes.hpp"
#include "bridge/diagnosis/start_words.hpp"
#include "bridge/diagnosis/stop_causes.hpp"
#include "bridge/diagnosis/timeout_causes.hpp"
#include "bridge/diagnosis/watchdog_causes.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;
using util::escape;
using Found = std::optional<Diagnosis>;

/// Returns the last line of this kind. A line of ours is preferred.
const LogLine* last_of(const Symptoms& symptoms, LogLine::Kind kind) {
    return find_line(symptoms, [=](const LogLine& line) { return line.kind == kind; });
}

const LogLine* last_own(const Symptoms& symptoms, LogLine::Kind kind) {
    return find_own_line(symptoms, [=](const LogLine& line) { return line.kind == kind; });
}

/// Returns a diagnosis with a message that says itself what to do. `part` is the part of the line
/// with the message. The remedy never contains text of a log, because whoever reads it as root may
/// execute it.
Diagnosis diagnosis_in(const Symptoms& symptoms, const LogLine& line, std::string_view part) {
    const bool is_ours = line.writer == Writer::ours;
    const bool is_of_socket = is_ours && part.find(".socket unit") != part.npos
                              && part.find("give --proxy=") == part.npos;
    return {.cause = said(line, part),
            .remedy = concat(
                is_ours ? "follow this message" : "check this message", "; to edit the unit: ",
                is_of_socket ? how_to_edit_socket(symptoms.unit) : how_to_edit(symptoms))};
}

/// Returns whether the main process exited with this status, or its end is not known any more.
bool may_have_status(const Symptoms& symptoms, int status) {
    const auto end = end_of(symptoms.unit);
    return !end || *end == process::ExitStatus::exited(status);
}

/// Finds an error of a subcommand that did not start, for example a wrong option, a directory in
/// use, or wrong settings of docker. `wrap` in a container exits with 125 then.
Found find_refusal(const Symptoms& symptoms) {
    const LogLine* const line = last_of(symptoms, LogLine::Kind::refusal);
    if (!line
        || (line->writer != Writer::ours && !may_have_status(symptoms, process::status_failed)))
        return std::nullopt;
    return diagnosis_in(symptoms, *line, line->text);
}

/// Returns what systemd has logged about the process that should become the main process: "Failed
/// at step EXEC spawning /bin/app: No such file or directory". Returns an empty text if there is no
/// such line.
std::string_view failed_step(const Symptoms& symptoms) {
    const std::string unit = concat(symptoms.unit.name, ": ");
    const auto words = words_of_exec_start(symptoms.unit.exec_start);
    const std::string program = concat(" spawning ", words.empty() ? "" : words.front(), ": ");
    for (const LogLine& line : symptoms.log | std::views::reverse) {
        const std::string_view text = line.text;
        if (line.writer == Writer::systemd && text.starts_with(unit + "Failed at step ")
            && text.find(program) != text.npos)
            return text.substr(unit.size());
    }
    return {};
}

/// Finds a main process that systemd could not set up, or a program in ExecStart= that systemd
/// could not execute (systemd.exec(5), PROCESS EXIT CODES).
Found find_unstarted(const Symptoms& symptoms) {
    constexpr int first_of_systemd = 200;
    constexpr int last_of_systemd = 245;
    constexpr int status_exec = 203;
    const UnitFacts& unit = symptoms.unit;
    if (unit.main_code != CLD_EXITED || unit.main_status < first_of_systemd
        || unit.main_status > last_of_systemd)
        return std::nullopt;
    const std::string_view step = failed_step(symptoms);
    // Without such a line, the app may have exited with this status itself.
    if (step.empty() && !symptoms.log.empty())
        return std::nullopt;
    const std::string why = step.empty() ? "" : concat(": ", escape(step));
    if (unit.main_status == status_exec)
        return Diagnosis{
            .cause = concat("systemd cannot execute the program of ExecStart= (203/EXEC)", why),
            .remedy =
                concat("check that the program exists and is executable: ", how_to_edit(symptoms))};
    return Diagnosis{
        .cause = concat("systemd could not set up the process of the service (exit status ",
                        unit.main_status, ')', why),
        .remedy = concat(journalctl_command(unit), " shows which setting fails")};
}

/// Returns the text of a line up to the end of `words`, which it contains.
std::string_view text_until(const LogLine& line, std::string_view words) {
    return std::string_view(line.text).substr(0, line.text.find(words) + words.size());
}

/// Returns whether the container's command was probably started.
bool has_app_run(const Symptoms& symptoms) {
    return was_active(symptoms.unit) || warning_with(symptoms, " before READY=1");
}

constexpr std::string_view before_app = " before the app started";

/// Finds the message of podman, docker or nerdctl about a container that did not start. After the
/// start of the app, such lines belong to the app.
Found find_manager_fault(const Symptoms& symptoms) {
    const auto end = end_of(symptoms.unit);
    const bool may_be =
        end ? end->code >= process::status_failed && end->code <= process::status_not_found
            : warning_with(symptoms, before_app) != nullptr;
    return may_be && !has_app_run(symptoms) ? manager_fault(symptoms) : std::nullopt;
}

/// Returns the remedy for a container that another program has ended.
std::string start_again(const Symptoms& symptoms) {
    const UnitFacts& unit = symptoms.unit;
    return concat(systemctl_command(unit, "restart"),
                  unit.restart == "no" ? concat("; so that systemd restarts it next time, ",
                                                set_setting(symptoms, "Restart=on-failure"))
                                       : "");
}

/// Finds a container manager that ended before it had started the app. Leaves causes to others that
/// say more.
Found find_unstarted_app(const Symptoms& symptoms) {
    if (symptoms.command.only_creates || symptoms.unit.result == "oom-kill")
        return std::nullopt;
    const LogLine* const line = warning_with(symptoms, before_app);
    if (!line)
        return std::nullopt;
    const std::string_view how = text_until(*line, before_app);
    const bool was_killed = how.find(" was killed by ") != how.npos;
    return Diagnosis{.cause = concat(said(*line, how), last_words(symptoms)),
                     .remedy = was_killed
                                   ? start_again(symptoms)
                                   : concat("fix what the command reports; its whole output: ",
                                            journalctl_command(symptoms.unit))};
}

/// Returns whether the app put itself into the background, so that its first process ended.
bool is_daemon(const Symptoms& symptoms) {
    const auto warns = [](const LogLine& line) {
        return line.kind == LogLine::Kind::warning
               && line.text.starts_with("the command ended and left processes behind")
               && line.text.find("puts itself into the background") != line.text.npos;
    };
    return std::ranges::any_of(symptoms.log, warns);
}

Diagnosis daemon_diagnosis(const Symptoms& symptoms, std::string_view when) {
    return {.cause = concat("the app put itself into the background, and its first process ended ",
                            when, last_words(symptoms)),
            .remedy = concat("configure the app to stay in the foreground (", how_to_edit(symptoms),
                             ')')};
}

/// Finds an app that put itself into the background, so that its first process ended with success.
Found find_daemon(const Symptoms& symptoms) {
    if (was_active(symptoms.unit) || !is_daemon(symptoms))
        return std::nullopt;
    return daemon_diagnosis(symptoms, "with status 0 before it was ready");
}

/// The cause if an app ended with status 0 although it was not ready.
Diagnosis ended_well_too_early(const Symptoms& symptoms) {
    const std::string job = symptoms.command.ready_when.empty()
                                ? set_setting(symptoms, "Type=oneshot")
                                : concat("change the option to --ready-when=exit in ExecStart= (",
                                         how_to_edit(symptoms), ')');
    return {
        .cause = concat("the app ended with status 0 before it was ready", last_words(symptoms)),
        .remedy = concat("if it is a job that ends, ", job,
                         "; if it is a server, have the container run a command that stays in "
                         "the foreground (",
                         how_to_edit(symptoms), ')')};
}

/// Finds an app that ended before its probes succeeded. `wrap` logs the probe's state as an error,
/// which is only a consequence.
Found find_early_end(const Symptoms& symptoms) {
    constexpr std::string_view ended = "ended before it was ready: ";
    const LogLine* const line = find_line(symptoms, [=](const LogLine& each) {
        return each.kind == LogLine::Kind::error && each.text.find(ended) != each.text.npos;
    });
    const auto end = end_of(symptoms.unit);
    if (!line || !end || was_active(symptoms.unit))
        return std::nullopt;
    const std::size_t how = line->text.find(ended) + ended.size();
    if (std::string_view(line->text).substr(how).starts_with("exited with status 0"))
        return ended_well_too_early(symptoms);
    return Diagnosis{.cause = concat("the app ended before it was ready: it ",
                                     process::describe(*end), last_words(symptoms)),
                     .remedy = concat("fix what the app reports; its whole output: ",
                                      journalctl_command(symptoms.unit))};
}

/// Finds the last error in our own log.
Found find_own_error(const Symptoms& symptoms) {
    const LogLine* const line = last_own(symptoms, LogLine::Kind::error);
    if (!line)
        return std::nullopt;
    return diagnosis_in(symptoms, *line, line->text);
}

/// Finds what `wrap` in a container has logged about a program that it could not execute
/// (podman-run(1), EXIT STATUS).
Found find_unexecuted(const Symptoms& symptoms) {
    constexpr std::string_view beginning = "cannot run ";
    const LogLine* const line = find_line(symptoms, [=](const LogLine& each) {
        return each.kind == LogLine::Kind::error && each.text.starts_with(beginning);
    });
    const bool is_missing = may_have_status(symptoms, process::status_not_found);
    if (!line || line->writer == Writer::ours
        || (!is_missing && !may_have_status(symptoms, process::status_cannot_run)))
        return std::nullopt;
    return Diagnosis{
        .cause = said(*line, line->text),
        .remedy = concat(is_missing ? "check that the image has this program, at this path"
                                    : "check that this program is executable, and is for the "
                                      "architecture of this machine (`uname -m`)",
                         "; to edit the unit: ", how_to_edit(symptoms))};
}

/// Finds a run whose end `wrap` could not record, because `wrap` was killed.
Found find_broken_run(const Symptoms& symptoms) {
    const LogLine* const line = last_of(symptoms, LogLine::Kind::error);
    if (!line || !line->text.starts_with("the run broke off: "))
        return std::nullopt;
    return Diagnosis{.cause = said(*line, line->text), .remedy = start_again(symptoms)};
}

/// Finds a container that another program has started again, so that `wait` ended it.
Found find_restart_by_others(const Symptoms& symptoms) {
    const LogLine* const line = find_line(symptoms, [](const LogLine& each) {
        return each.kind == LogLine::Kind::error && each.text.starts_with(is_started_by_others);
    });
    if (!line)
        return std::nullopt;
    return Diagnosis{
        .cause = said(*line, std::string_view(line->text).substr(0, line->text.find("; "))),
        .remedy = concat("restart the unit instead of its container: ", start_again(symptoms))};
}

/// Finds a command, such as podman's client, that failed while its app was still running.
Found find_deserted_app(const Symptoms& symptoms) {
    constexpr std::string_view words = ", so `wait` ended the app";
    const LogLine* const line = warning_with(symptoms, words);
    if (!line)
        return std::nullopt;
    const std::string_view text = text_until(*line, words);
    return Diagnosis{.cause = said(*line, text.substr(0, text.size() - words.size())),
                     .remedy = start_again(symptoms)};
}

/// Finds the reason that `wait` logs if no `wrap` has started in the shared directory.
Found find_missing_wrap(const Symptoms& symptoms) {
    constexpr std::string_view missing = "no wrap has started in ";
    const LogLine* const line = find_line(symptoms, [=](const LogLine& each) {
        return (each.kind == LogLine::Kind::warning || each.kind == LogLine::Kind::error)
               && each.text.find(missing) != each.text.npos;
    });
    if (!line)
        return std::nullopt;
    return diagnosis_in(symptoms, *line,
                        std::string_view(line->text).substr(line->text.find(missing)));
}

/// Finds a killed main process. The main process is `wait` or `wrap`, so a fault of the app is not
/// the cause.
Found find_kill(const Symptoms& symptoms) {
    const UnitFacts& unit = symptoms.unit;
    if (unit.result == "oom-kill")
        return Diagnosis{.cause = "the kernel killed a process of the unit for lack of memory",
                         .remedy = "if MemoryMax= is set, raise it; otherwise free memory"};
    const auto end = end_of(unit);
    if (!end || end->signal == 0)
        return std::nullopt;
    const std::string killed = concat("its main process ", process::describe(*end));
    if (unit.kill_mode == "process" || unit.kill_mode == "none")
        return Diagnosis{.cause = concat(killed, ", and KillMode=", unit.kill_mode,
                                         " left its container running"),
                         .remedy = set_setting(symptoms, "KillMode=mixed")};
    return Diagnosis{.cause = killed, .remedy = start_again(symptoms)};
}

/// Returns the probable sender of this signal as a part of a sentence: ", for example by `podman
/// stop`". Returns an empty text for a signal that a fault in the app causes.
std::string probable_sender(const Symptoms& symptoms, int signal) {
    constexpr auto of_a_stop = std::to_array({SIGTERM, SIGINT, SIGQUIT});
    const std::string_view manager = manager_name(symptoms);
    if (signal == SIGKILL)
        return concat(", for example by `", manager, " kill` or for lack of memory");
    return util::contains(of_a_stop, signal) ? concat(", for example by `", manager, " stop`")
                                             : std::string();
}

/// Finds how the app itself ended.
Found find_end(const Symptoms& symptoms) {
    const auto end = end_of(symptoms.unit);
    if (!end)
        return std::nullopt;
    const bool was_ready = was_active(symptoms.unit);
    if (end->success() && !was_ready && symptoms.command.only_creates)
        return Diagnosis{
            .cause = concat("`", manager_name(symptoms),
                            " create` makes a container and does not start it"),
            .remedy = concat("use `run` instead of `create` (", how_to_edit(symptoms), ')')};
    if (end->success() && !was_ready)
        return ended_well_too_early(symptoms);
    if (end->code == process::status_failed && !has_app_run(symptoms))
        return Diagnosis{.cause =
                             "notifybridge or the container manager could not start the app "
                             "(exit status 125)",
                         .remedy = concat(journalctl_command(symptoms.unit), " shows why")};
    const int signal = signal_of(*end);
    const std::string how = describe(signal != 0 ? process::ExitStatus::killed(signal) : *end);
    if (signal == SIGHUP)
        return Diagnosis{
            .cause = concat("the app ", how, ", which it does not handle", last_words(symptoms)),
            .remedy = concat("if ExecReload= sends the signal and the app has no reload, remove "
                             "ExecReload= (",
                             how_to_edit(symptoms), ')')};
    const std::string sender = probable_sender(symptoms, signal);
    if (!sender.empty())
        return Diagnosis{.cause = concat("the app ", how, sender, last_words(symptoms)),
                         .remedy = start_again(symptoms)};
    return Diagnosis{.cause = concat("the app ", how, last_words(symptoms)),
                     .remedy = concat("fix what the app reports; its whole output: ",
                                      journalctl_command(symptoms.unit))};
}

/// Finds how a run ended whose exit status systemd has forgotten.
Found find_logged_end(const Symptoms& symptoms) {
    const LogLine* const line = logged_end(symptoms);
    if (!line)
        return std::nullopt;
    const bool is_signal = line->text.starts_with("SIG");
    return Diagnosis{
        .cause = concat(said(*line, line->text), is_signal ? std::string() : last_words(symptoms)),
        .remedy = concat("fix what the app reports; its whole output: ",
                         journalctl_command(symptoms.unit))};
}

/// Functions that search for the cause of a failure. The first that finds a cause decides, because
/// later ones may find only consequences.
constexpr auto failures = std::to_array<Found (*)(const Symptoms&)>({
    find_end_of_runtime,
    find_failed_command,
    find_requested_stop,
    find_deaf_type,
    find_sandbox,
    find_refusal,
    find_unstarted,
    find_machine_fault,
    find_manager_fault,
    find_unstarted_app,
    find_daemon,
    find_missing_ping,
    find_deserted_app,
    find_slow_pull,
    find_slow_creation,
    find_foreign_main_process,
    find_ignored_ready,
    find_unmet_probe,
    find_missing_wrap,
    find_late_start,
    find_restart_by_others,
    find_missing_right,
    find_late_stop,
    find_ignored_stop,
    find_early_end,
    find_unexecuted,
    find_broken_run,
    find_own_error,
    find_kill,
    find_end,
    find_logged_end,
});

}  // namespace

std::optional<Diagnosis> find_ended_daemon(const Symptoms& symptoms) {
    const auto end = end_of(symptoms.unit);
    if ((end && !end->success()) || !is_daemon(symptoms))
        return std::nullopt;
    return daemon_diagnosis(symptoms, "with status 0, so notifybridge stopped the others");
}

std::optional<Diagnosis> cause_of_last_end(const Symptoms& symptoms) {
    for (const auto& find : failures)
        if (auto found = find(symptoms))
            return found;
    return std::nullopt;
}

Diagnosis first_cause(const Symptoms& symptoms) {
    return cause_of_last_end(symptoms).value_or(
        Diagnosis{.cause = "systemd did not start its main process",
                  .remedy = concat(journalctl_command(symptoms.unit), " shows why")});
}

}  // namespace notifybridge::diagnosis
