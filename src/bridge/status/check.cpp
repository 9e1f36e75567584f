#include "bridge/status/check.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/cli/version.hpp"
#include "base/process/environment.hpp"
#include "base/system/file.hpp"
#include "base/system/local_socket.hpp"
#include "base/system/namespaces.hpp"
#include "base/system/writable.hpp"
#include "base/util/base_name.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/escape.hpp"
#include "base/util/time_span.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/relay/container.hpp"
#include "bridge/status/denial.hpp"
#include "bridge/status/mounts.hpp"
#include "bridge/status/start_check.hpp"
#include "bridge/status/start_command.hpp"
#include "bridge/status/unit.hpp"
#include "bridge/status/unit_check.hpp"
#include "bridge/status/waiter.hpp"

namespace notifybridge::status {
namespace {

using util::concat;

std::string octal(mode_t mode) {
    std::string digits;
    for (int shift = 9; shift >= 0; shift -= 3)
        digits += static_cast<char>('0' + ((mode >> shift) & 7));
    return digits;
}

void check_owner(Findings& found, system::Fd directory) {
    struct stat status;
    if (::fstat(directory.get(), &status) < 0)
        return found.problem("directory", system::describe(errno), "check what it lies on");
    const std::string text =
        concat("uid ", status.st_uid, " owns it, mode ", octal(status.st_mode & 07777));
    struct stat above {};
    const bool is_hidden =
        ::fstatat(directory.get(), "..", &above, 0) == 0 && !(above.st_mode & (S_IRWXG | S_IRWXO));
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) && !is_hidden)
        return found.problem(
            "directory", concat(text, ": others may write to it"),
            "wait refuses it, unless nobody else enters the directory above: run `chmod go-w` "
            "on it");
    if (!system::is_writable(directory))
        return found.problem(
            "directory", concat(text, ": not writable from here (", system::describe(errno), ')'),
            "where wrap runs so, it cannot make its socket: give the directory to its user "
            "(wait --owner; without root, podman run --userns=keep-id:uid=UID,gid=GID), and "
            "mount it writable");
    return found.good("directory", text);
}

/// What policies call that which a container may use.
bool is_for_containers(std::string_view label) {
    return label.find(":container_file_t:") != label.npos
           || label.find(":svirt_sandbox_file_t:") != label.npos;
}

void check_label(Findings& found, system::Fd directory) {
    const std::string enforcing = system::text_of("/sys/fs/selinux/enforce");
    if (enforcing.empty())
        return;
    std::array<char, 256> value{};
    const ssize_t size =
        ::fgetxattr(directory.get(), "security.selinux", value.data(), value.size() - 1);
    if (size < 0)
        return;
    const std::string label = util::escape(std::string_view(value.data()));
    if (is_for_containers(label))
        found.good("SELinux", concat("the label is ", label));
    else
        (found.*(enforcing.starts_with('1') ? &Findings::problem : &Findings::note))(
            "SELinux", concat("the label is ", label, ", which a container may not use"),
            "mount the volume with :Z, or run `chcon -t container_file_t` on it");
}

/// One of an earlier start may have been seen to since.
void check_denial(Findings& found, const std::string& path, const Overview& overview) {
    const std::string whole = process::absolute_path(path);
    const auto denial = last_denial(util::base_name(whole));
    if (!denial)
        return;
    const std::uint64_t since = overview.host  ? overview.host->file.facts.attached_usec
                                : overview.run ? overview.run->header.started_usec
                                               : 0;
    (found.*(denial->usec >= since ? &Findings::problem : &Findings::note))(
        "denied",
        concat("by the audit log, at ", system::to_local_time(denial->usec), ": ",
               util::escape(denial->text)),
        concat("mount the volume with :Z, or `chcon -R -t container_file_t ", util::escape(whole),
               "`; of AppArmor, change the profile"));
}

void check_run(Findings& found, const Overview& overview, const std::string& path,
               std::string_view member) {
    if (!overview.run && overview.faults.empty() && !member.empty())
        return found.problem(
            "member",
            concat(util::escape(member),
                   " is missing: its container was never started, and without it the unit is not "
                   "ready"),
            concat("start it with `-e SHARED_DIR=", util::escape(path),
                   " -e NOTIFYBRIDGE_TOKEN`; in a compose file it has `SHARED_DIR: ${SHARED_DIR}/",
                   util::escape(member), "` and `runtime: notifybridge`"));
    if (!overview.run) {
        for (const FileFault& fault : overview.faults)
            if (fault.file == channel::journal_name)
                return found.problem(
                    "run", concat("cannot read the journal: ", fault.text),
                    "start the container anew; what is in the journal's place is not ours");
        return found.problem(
            "run", "there never was one: no wrap was started here",
            "check that the container mounts this directory, that SHARED_DIR names it there, "
            "and that its command is container-notify-wrapper");
    }
    const RunOverview& run = *overview.run;
    if (run.damaged)
        return found.problem("run", "its journal is damaged",
                             "somebody else wrote to it: start the container anew");
    if (run.liveness == Liveness::ended)
        return found.problem(
            "run",
            run.end ? concat("it is over: the command ", process::describe(*run.end))
                    : std::string("it broke off: wrap was killed"),
            "what is here is of the past: start the container anew, and read its log");
    if (!is_ready(run))
        return found.note("run",
                          concat("it goes on, and the app is ", notify::name(run.state.phase),
                                 ": it has not said READY=1, or takes it back"),
                          "`status --follow` shows what it says; one that does not notify needs "
                          "wrap --ready-when");
    return found.good("run", concat("it goes on, and the app is ", notify::name(run.state.phase)));
}

/// A stream is refused by a socket for datagrams that somebody receives from: nothing is sent.
void check_socket(Findings& found, system::Fd directory, std::uint64_t pid_namespace) {
    struct stat status {};
    const int error =
        ::fstatat(directory.get(), channel::socket_name, &status, AT_SYMLINK_NOFOLLOW) < 0
            ? errno
            : system::connect_at(directory, channel::socket_name).error().value();
    const std::string name = channel::socket_name;
    switch (error) {
        case EPROTOTYPE:
            break;
        case ENOENT:
            return found.problem(
                "socket", concat(name, " is not there"),
                "the app has nothing to send to: something removed it; start the container "
                "anew");
        case ECONNREFUSED:
            return found.problem(
                "socket", concat("nobody receives from ", name),
                "its wrap is gone, or has another file system here: start the container anew");
        case EACCES:
            return found.note(
                "socket",
                concat(name, " is not for this user, its mode is ", octal(status.st_mode & 07777)),
                "ask as root, or as the user of the app");
        default:
            return found.problem(
                "socket", concat(name, ' ', system::describe_open_error(system::error_of(error))),
                "it was replaced: start the container anew");
    }
    const bool is_for_all = (status.st_mode & 0222) == 0222;
    const std::string text =
        concat("messages are taken, of ", is_for_all ? "everybody" : "its owner only", " (mode ",
               octal(status.st_mode & 07777), ')');
    if (is_for_all || pid_namespace == system::initial_pid_namespace)
        found.good("socket", text);
    else
        found.note("socket", text, "an app under another user needs wrap --socket-mode=0666");
}

/// What programs in the container send to.
void check_own_variable(Findings& found, const std::string& path, const RunOverview& run) {
    const auto socket = process::environment_variable("NOTIFY_SOCKET");
    const std::string ours = concat(process::absolute_path(path), '/', channel::socket_name);
    if (!socket || run.header.pid_namespace != system::pid_namespace() || *socket == ours)
        return;
    found.problem(
        "variable",
        concat("NOTIFY_SOCKET is ", util::quote(*socket), " here, and not ", util::quote(ours)),
        "a program started so does not reach the bridge: let wrap set it");
}

void check_attached(Findings& found, const Overview& overview) {
    if (!overview.host)
        return found.problem("wait", "no wait is there",
                             "start host-notify-waiter on the host, with the same directory");
    const HostOverview& host = *overview.host;
    const std::string pid = concat("pid ", host.file.facts.pid);
    if (host.file.facts.has_left)
        return found.note(
            "wait", concat(pid, " has left the run to itself"),
            "what is said now is kept for status, and for a host-notify-waiter that comes");
    if (host.liveness == Liveness::ended)
        return found.problem("wait", concat("it was killed, ", pid),
                             "start the unit again: it carries on where this one was");
    if (!overview.run || !is_attached(host, *overview.run))
        return found.problem(
            "wait", concat(pid, " is attached to another run, or to none"),
            "one that ended is not taken up; where this goes on, the container that wait "
            "started is another one");
    const auto& progress = host.file.progress;
    if (progress.acknowledged < overview.run->last_sequence)
        return found.note("wait",
                          concat(pid, " has sent ", progress.acknowledged, " of ",
                                 overview.run->last_sequence, " messages"),
                          "it has more to send, or systemd does not read: look again");
    return found.good("wait",
                      concat(pid, " has sent all that was said (", progress.acknowledged, ')'));
}

/// The pid of `wrap` by its number here; 0 where it cannot be seen.
pid_t find_wrap_pid(system::Fd directory, const RunOverview& run) {
    const auto journal = system::identity(directory, channel::journal_name);
    const auto pid = static_cast<pid_t>(run.header.pid);
    const auto wrap = journal
                          ? relay::find_in_container({run.header.pid_namespace, pid, *journal}, pid)
                          : std::nullopt;
    return wrap ? wrap->pid : 0;
}

/// What goes on and has nobody to tell.
void check_leftover(Findings& found, const Overview& overview, pid_t wrap) {
    const bool is_left = overview.host && overview.host->file.facts.has_left;
    if (is_left || (overview.host && is_attached(*overview.host, *overview.run)))
        return;
    found.note("leftover", concat("wrap, pid ", wrap, " here, goes on, and no wait follows it"),
               concat("where it is to end, and its container with it: `kill ", wrap, '`'));
}

/// An image may have an executable of its own, which `runtime` leaves in its place.
void check_version(Findings& found, pid_t wrap) {
    constexpr std::size_t most_executable = 64 * 1024 * 1024;
    const std::string version =
        version_in(system::text_of(concat("/proc/", wrap, "/exe"), most_executable));
    if (version.empty() || version == NOTIFYBRIDGE_VERSION)
        return;
    found.note("version",
               concat("wrap is of version ", util::escape(version),
                      ", and this is " NOTIFYBRIDGE_VERSION ": the image has one of its own"),
               "take it out of the image, or mount this one in its place: `-v "
               "/usr/bin/notifybridge:/opt/container-notify-wrapper:ro`");
}

void check_waiter(Findings& found, pid_t pid, const Waiter& waiter, bool has_command) {
    if (waiter.environment_is_known && !waiter.notify_socket)
        found.problem("systemd",
                      "wait was started without NOTIFY_SOCKET: it only prints what it would send",
                      "have systemd start it, in a unit with Type=notify");
    if (waiter.leaking_pid != 0)
        found.problem("systemd",
                      concat("pid ", waiter.leaking_pid, " below wait has its NOTIFY_SOCKET"),
                      "a runtime with it notifies by itself: take the variable out of its "
                      "environment");
    const StartCommand command = read_start_command(waiter.words);
    if (waiter.unit)
        judge_unit(found, *waiter.unit, pid, command, has_command);
    check_start(found, command, waiter.search_path);
    const bool is_narrow = !waiter.has_new_privs && waiter.has_seccomp;
    if (is_narrow)
        found.good("sandbox", "wait has no_new_privs and a seccomp filter");
    else
        found.note("sandbox", "wait has kept rights that it does not need",
                   "leave out --no-sandbox, unless it is for debugging");
}

void check_way(Findings& found, const Overview& overview) {
    const channel::HostFacts& facts = overview.host->file.facts;
    if (facts.polls)
        found.note("delivery",
                   "no events cross this mount, so wait looks by itself, each 0.1 s when idle",
                   "a tmpfs as in /run is quicker");
    if (!facts.lane_open && !facts.lane_fault.empty())
        found.note("lane",
                   concat("file descriptors do not cross: ", util::escape(facts.lane_fault)),
                   "all else works without");
}

void check_watchdog(Findings& found, const Overview& overview) {
    if (!is_watchdog_late(overview, system::now()))
        return;
    found.problem("watchdog",
                  concat("the app has not pinged for longer than the ",
                         util::to_string(*watchdog_period(overview)), " that are allowed"),
                  "systemd ends it by that: see its log; `wrap --alive-when` pings for an app that "
                  "does not");
}

void check_drops(Findings& found, const notify::DropCounters& drops, std::string_view by) {
    std::uint64_t count = 0;
    drops.for_each([&](notify::DropReason, std::uint64_t more) { count += more; });
    if (count != 0)
        found.note("dropped",
                   concat(count, count == 1 ? " message" : " messages", " or lines, by ", by),
                   "`status` says why; --allow of wait lets keys through");
}

}  // namespace

Findings check(system::Fd directory, const std::string& path, const Overview& overview,
               std::string_view member) {
    Findings found;
    check_owner(found, directory);
    check_label(found, directory);
    check_denial(found, path, overview);
    check_run(found, overview, path, member);
    for (const FileFault& fault : overview.faults)
        if (fault.file != channel::journal_name)
            found.problem(fault.file, fault.text, "somebody else wrote it, or another release");
    const bool goes_on = overview.run && overview.run->liveness != Liveness::ended;
    if (goes_on) {
        check_socket(found, directory, overview.run->header.pid_namespace);
        check_own_variable(found, path, *overview.run);
    }
    check_attached(found, overview);
    if (goes_on) {
        if (const pid_t wrap = find_wrap_pid(directory, *overview.run); wrap != 0) {
            check_leftover(found, overview, wrap);
            check_version(found, wrap);
        }
        check_watchdog(found, overview);
    }
    if (overview.host && overview.host->liveness != Liveness::ended) {
        const channel::HostFacts& facts = overview.host->file.facts;
        const auto pid = static_cast<pid_t>(facts.pid);
        // wrap has the directory open as well, and in its container may have the same number.
        const bool is_wrap = overview.run
                             && overview.run->header.pid_namespace == system::pid_namespace()
                             && static_cast<pid_t>(overview.run->header.pid) == pid;
        const auto waiter = is_wrap ? std::nullopt : look_at_waiter(pid, directory);
        if (waiter && !goes_on)
            judge_sights(found, find_containers(directory, pid));
        if (waiter)
            check_waiter(found, pid, *waiter, facts.has_command);
        check_way(found, overview);
    } else {
        check_units(found, path);
    }
    if (overview.container)
        check_drops(found, overview.container->drops, "wrap");
    if (overview.host)
        check_drops(found, overview.host->file.facts.drops, "wait");
    return found;
}

void check_units(Findings& found, const std::string& path) {
    for (const UnitFacts& unit : units_for_directory(process::absolute_path(path))) {
        judge_idle_unit(found, unit);
        check_start(found, read_start_command(words_of_exec_start(unit.exec_start)),
                    variable_in_unit(unit, "PATH"));
    }
}

void check_members(Findings& found, system::Fd directory, const Overview& overview,
                   std::span<const std::string> names) {
    if (!overview.host || overview.host->liveness == Liveness::ended)
        return;
    const auto waiter =
        look_at_waiter(static_cast<pid_t>(overview.host->file.facts.pid), directory);
    if (!waiter)
        return;
    for (const std::string& member : read_start_command(waiter->words).members)
        if (!util::contains(names, member))
            found.problem("member", concat(util::escape(member), ": its directory is gone"),
                          "something removed it: start the unit again");
}

std::string to_text(const Findings& findings, bool coloured) {
    constexpr std::size_t column = findings_indent;
    std::string out;
    for (const Finding& finding : findings.all()) {
        const bool is_good = finding.verdict == Finding::Verdict::good;
        const bool is_problem = finding.verdict == Finding::Verdict::problem;
        const std::string_view word = is_good ? "ok" : is_problem ? "problem" : "note";
        const std::string_view colour = !coloured    ? ""
                                        : is_good    ? "\x1b[32m"
                                        : is_problem ? "\x1b[1;31m"
                                                     : "\x1b[33m";
        out += concat(
            colour, word, colour.empty() ? "" : "\x1b[0m", std::string(9 - word.size(), ' '),
            finding.subject,
            std::string(
                column > 9 + finding.subject.size() ? column - 9 - finding.subject.size() : 1, ' '),
            finding.text, '\n');
        if (!is_good && !finding.advice.empty())
            out += concat(std::string(column, ' '), finding.advice, '\n');
    }
    return out;
}

}  // namespace notifybridge::status
