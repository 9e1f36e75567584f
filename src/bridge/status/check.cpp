#include "bridge/status/check.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "base/cli/version.hpp"
#include "base/process/environment.hpp"
#include "base/system/file.hpp"
#include "base/system/namespaces.hpp"
#include "base/util/base_name.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/escape.hpp"
#include "bridge/channel/container_places.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/diagnosis/check_unit.hpp"
#include "bridge/diagnosis/diagnosis.hpp"
#include "bridge/diagnosis/job.hpp"
#include "bridge/diagnosis/remedy.hpp"
#include "bridge/diagnosis/running_causes.hpp"
#include "bridge/diagnosis/start_check.hpp"
#include "bridge/diagnosis/start_command.hpp"
#include "bridge/diagnosis/unit.hpp"
#include "bridge/diagnosis/unit_check.hpp"
#include "bridge/diagnosis/unit_search.hpp"
#include "bridge/relay/container.hpp"
#include "bridge/status/check_app.hpp"
#include "bridge/status/check_directory.hpp"
#include "bridge/status/mounts.hpp"
#include "bridge/status/waiter.hpp"

namespace notifybridge::status {
namespace {

using diagnosis::Finding;
using diagnosis::Findings;
using util::concat;

/// Returns the pid of `wrap` in our pid namespace. Returns 0 if `wrap` is not visible.
pid_t find_wrap_pid(system::Fd directory, const RunOverview& run) {
    const auto journal = system::identity(directory, channel::journal_name);
    const auto pid = static_cast<pid_t>(run.header.pid);
    const auto wrap = journal
                          ? relay::find_in_container({run.header.pid_namespace, pid, *journal}, pid)
                          : std::nullopt;
    return wrap ? wrap->pid : 0;
}

/// Returns whether a fault of the file `host` is reported anyway.
bool has_reported_host(const Overview& overview) {
    return !overview.host && std::ranges::any_of(overview.faults, [](const FileFault& fault) {
        return fault.file == channel::host_name;
    });
}

/// Reports a `wait` that `host` does not show, because a program in the container has changed this
/// file. Returns whether there is one. `wrap` may be 0.
bool check_forged_host(Findings& found, system::Fd directory, const Overview& overview,
                       pid_t wrap) {
    const pid_t user = find_user_of(directory, wrap);
    if (user == 0 || (overview.host && static_cast<pid_t>(overview.host->file.facts.pid) == user))
        return false;
    if (!has_reported_host(overview))
        found.problem(
            "wait",
            concat("pid ", user, " uses this directory, but the file `host` does not show it"),
            "a program in the container has changed this file: find out which, and start the unit "
            "again");
    return true;
}

/// Reports whether `wait` follows the run.
void check_attached(Findings& found, const Overview& overview) {
    if (has_reported_host(overview))
        return;
    if (!overview.host)
        return found.problem(
            "wait", "no `wait` uses this directory",
            "start `notifybridge wait` (host-notify-waiter) on the host, with the same directory");
    const HostOverview& host = *overview.host;
    const std::string pid = concat("pid ", host.file.facts.pid);
    if (host.file.facts.has_left)
        return found.note("wait", concat(pid, " has detached; the run continues"),
                          "messages are kept for `status`, and for the next host-notify-waiter");
    if (host.liveness == Liveness::ended)
        return found.problem(
            "wait", concat(pid, " was killed"),
            "start the unit again: the new wait continues where this wait stopped");
    if (!overview.run || !is_attached(host, *overview.run))
        return found.problem("wait", concat(pid, " does not follow this run"),
                             "if the app runs, start the unit again; otherwise start the container "
                             "again");
    const auto& progress = host.file.progress;
    if (progress.acknowledged < overview.run->last_sequence)
        return found.note(
            "wait",
            concat(pid, " has sent ", progress.acknowledged, " of ", overview.run->last_sequence,
                   " messages"),
            "wait is still sending, or systemd does not read messages: check again in a moment");
    return found.good("wait", concat(pid, " has sent all messages (", progress.acknowledged, ')'));
}

/// Reports a `wrap` of another version. Either `wrap` was started before an upgrade, or the image
/// has its own copy. If `wrap` runs our mounted executable, or if the file of its executable was
/// replaced, there was an upgrade.
void check_version(Findings& found, pid_t wrap, const std::optional<Waiter>& waiter) {
    constexpr std::size_t most_executable = 64 * 1024 * 1024;
    const std::string executable = concat("/proc/", wrap, "/exe");
    const std::string version = diagnosis::version_in(system::text_of(executable, most_executable));
    if (version.empty() || version == NOTIFYBRIDGE_VERSION)
        return;
    const std::string what = concat("wrap has version ", util::escape(version),
                                    ", but this program has " NOTIFYBRIDGE_VERSION ": ");
    struct stat status {};
    const bool is_replaced = ::stat(executable.c_str(), &status) == 0 && status.st_nlink == 0;
    const auto target = system::read_link(executable);
    if (is_replaced || (target && *target == channel::executable_place))
        return found.note("version", concat(what, "wrap was started before an upgrade"),
                          waiter && waiter->unit
                              ? concat("not urgent: ", systemctl_command(*waiter->unit, "restart"),
                                       " starts the new version")
                              : "not urgent: the next start of the container uses the new version");
    found.note("version", concat(what, "the image has its own copy"),
               "remove that copy from the image, or mount this program over it: `-v "
               "/usr/bin/notifybridge:/opt/container-notify-wrapper:ro`");
}

/// Reports the unit's settings and state. Returns whether they make systemd drop messages.
bool check_waiter_unit(Findings& found, pid_t pid, const Waiter& waiter, bool has_command,
                       bool goes_on) {
    if (!waiter.unit)
        return false;
    Findings judged;
    judge_unit(judged, *waiter.unit, pid, diagnosis::read_start_command(waiter.words), has_command);
    const diagnosis::Symptoms symptoms = read_symptoms(*waiter.unit, goes_on);
    const auto diagnosis = judged.has_problem()                    ? std::nullopt
                           : waiter.unit->active_state == "active" ? find_failed_reload(symptoms)
                                                                   : diagnose(symptoms);
    if (diagnosis)
        found.add(diagnosis->verdict, "unit", diagnosis->cause, diagnosis->remedy);
    for (const Finding& finding : judged.all())
        if (!diagnosis || finding.subject != "unit")
            found.add(finding.verdict, finding.subject, finding.text, finding.advice);
    if (const auto restart = diagnose_restart(symptoms))
        found.add(restart->verdict, "restart", restart->cause, restart->remedy);
    return waiter.unit->notify_access == "none";
}

void check_waiter(Findings& found, const Waiter& waiter, bool is_unheard, bool goes_on) {
    // systemd does not set NOTIFY_SOCKET if NotifyAccess= allows no messages.
    if (waiter.environment_is_known && !waiter.notify_socket && !is_unheard)
        found.problem(
            "systemd",
            "wait was started without NOTIFY_SOCKET: it prints messages instead of sending them",
            "start it with systemd, in a unit with Type=notify");
    if (waiter.leaking_pid != 0)
        found.problem("systemd",
                      concat("pid ", waiter.leaking_pid,
                             ", a descendant of wait, has the NOTIFY_SOCKET of wait"),
                      "with NOTIFY_SOCKET, a container runtime sends its own messages to systemd: "
                      "start that process with `env -u NOTIFY_SOCKET`");
    check_start(found, diagnosis::read_start_command(waiter.words),
                {.user = waiter.unit ? waiter.unit->user.value_or(0) : ::geteuid(),
                 .search_path = waiter.search_path,
                 .docker_host = waiter.docker_host});
    const bool is_narrow = !waiter.has_new_privs && waiter.has_seccomp;
    if (is_narrow)
        found.good("sandbox", "wait has no_new_privs and a seccomp filter");
    else if (goes_on)  // Before a run, `wait` needs these rights to start the container.
        found.note("sandbox", "wait has privileges that it does not need",
                   "leave out --no-sandbox, unless it is for debugging");
}

void check_way(Findings& found, const Overview& overview) {
    const channel::HostFacts& facts = overview.host->file.facts;
    if (facts.polls)
        found.note(
            "delivery", "no file events arrive, so wait polls every 0.1 s when idle",
            "gVisor and VMs need polling; with other runtimes, a directory below /run is faster, "
            "if the unit allows inotify");
    if (!facts.missing.empty())
        found.note("kernel",
                   concat("wait works without ", util::quote(facts.missing),
                          ", which this kernel or a system call filter refuses"),
                   facts.missing.ends_with("Landlock")
                       ? "all messages are delivered, but wait is less confined"
                       : "the same is done in another way");
    if (!facts.lane_open && !facts.lane_fault.empty())
        found.note("lane",
                   concat("file descriptors are not passed on: ", util::quote(facts.lane_fault)),
                   "everything else works");
}

/// Returns whether the unit is starting, or is a job. In these cases, the finding about the unit
/// explains what the unit waits for.
bool explains_state(const Waiter& waiter) {
    return waiter.unit && (waiter.unit->active_state == "activating" || is_job(*waiter.unit));
}

/// Returns what the unit of `wait` waits for, to append to a sentence.
std::string status_of(const Waiter& waiter) {
    return waiter.unit && !waiter.unit->status_text.empty()
               ? concat(": ", util::quote(waiter.unit->status_text))
               : std::string();
}

/// Returns the `wait` that holds the directory. Returns nullopt if the pid of `wait` belongs to
/// another process in our pid namespace.
std::optional<Waiter> find_waiter(system::Fd directory, const Overview& overview) {
    const auto pid = static_cast<pid_t>(overview.host->file.facts.pid);
    // In the container, `wrap` may have the same pid as `wait` on the host. `read_waiter` cannot
    // distinguish them, because `wrap` also has the directory open.
    const bool is_wrap = overview.run
                         && overview.run->header.pid_namespace == system::pid_namespace()
                         && static_cast<pid_t>(overview.run->header.pid) == pid;
    return is_wrap ? std::nullopt : read_waiter(pid, directory);
}

}  // namespace

Findings check(system::Fd directory, const std::string& path, const Overview& overview,
               std::string_view member) {
    const system::Moment now = system::now();
    Findings found;
    const bool goes_on = overview.run && overview.run->liveness != Liveness::ended;
    const bool has_wait = overview.host && overview.host->liveness != Liveness::ended;
    const auto pid = static_cast<pid_t>(has_wait ? overview.host->file.facts.pid : 0);
    const auto waiter = has_wait ? find_waiter(directory, overview) : std::nullopt;
    const pid_t wrap = goes_on ? find_wrap_pid(directory, *overview.run) : 0;
    const bool is_forged = !waiter && check_forged_host(found, directory, overview, wrap);
    if (!has_wait && !is_forged && check_units(found, path)) {
        check_labels(found, directory, path, overview);
        check_leftover(found, directory, overview);
        return found;
    }
    const bool is_unheard =
        waiter
        && check_waiter_unit(found, pid, *waiter, overview.host->file.facts.has_command, goes_on);
    const bool is_run = waiter && diagnosis::read_start_command(waiter->words).is_run;
    if (waiter && !goes_on && is_run) {
        check_labels(found, directory, path, overview);
        found.note("run", concat("the container has not been started yet", status_of(*waiter)),
                   waiter->unit && starts_again(*waiter->unit) ? "" : "check again later");
    } else {
        Findings findings;
        if (waiter && !goes_on)
            judge_containers(findings, find_containers(directory, pid));
        found.add_all(findings);
        if (findings.has_problem())
            check_labels(found, directory, path, overview);
        else
            check_directory(found, directory, path, overview,
                            {.member = member,
                             .is_run = is_run,
                             .is_explained = waiter && explains_state(*waiter),
                             .socket_of_waiter = waiter ? waiter->notify_socket : std::nullopt});
        // If there is no run, `wait` cannot be attached to one.
        if (!is_forged && (!waiter || goes_on))
            check_attached(found, overview);
    }
    if (goes_on) {
        if (!is_forged && !waiter)
            check_leftover(found, directory, overview);
        if (wrap != 0)
            check_version(found, wrap, waiter);
        check_health(found, overview);
        check_connections(found, overview);
        check_watchdog(found, overview, is_run, now);
    }
    if (waiter)
        check_waiter(found, *waiter, is_unheard, goes_on);
    if (has_wait)
        check_way(found, overview);
    if (overview.container)
        check_drops(found, overview.container->drops, "wrap");
    if (overview.host)
        check_drops(found, overview.host->file.facts.drops, "wait");
    return found;
}

void check_leftover(Findings& found, system::Fd directory, const Overview& overview) {
    const bool is_left = overview.host && overview.host->file.facts.has_left;
    if (!overview.run || overview.run->liveness == Liveness::ended || is_left
        || (overview.host && is_attached(*overview.host, *overview.run)))
        return;
    const pid_t wrap = find_wrap_pid(directory, *overview.run);
    if (wrap == 0)
        return;
    const bool ends_at_start = overview.host && overview.host->file.facts.has_command;
    found.note(
        "leftover",
        concat("wrap (pid ", wrap, ") is still running, but no `wait` is attached to its run"),
        concat(ends_at_start ? "the next start of the unit stops wrap and its container first; to "
                               "stop them now: `kill "
                             : "to stop wrap and its container: `kill ",
               wrap, '`'));
}

bool check_units(Findings& found, const std::string& path) {
    const std::string directory = process::absolute_path(path);
    bool is_down = false;
    for (const diagnosis::UnitFacts& unit : diagnosis::units_for_directory(directory))
        is_down = check_unit(found, unit, directory) || is_down;
    return is_down;
}

void check_members(Findings& found, system::Fd directory, const Overview& overview,
                   std::span<const std::string> names) {
    if (!overview.host || overview.host->liveness == Liveness::ended)
        return;
    const auto pid = static_cast<pid_t>(overview.host->file.facts.pid);
    for (const std::string& member :
         diagnosis::read_start_command(words_of_waiter(pid, directory)).members)
        if (!util::contains(names, member))
            found.problem("member", concat(util::escape(member), ": its directory is gone"),
                          "something removed the directory: start the unit again");
}

}  // namespace notifybridge::status
