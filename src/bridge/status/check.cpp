#include "bridge/status/check.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/process/environment.hpp"
#include "base/system/file.hpp"
#include "base/system/local_socket.hpp"
#include "base/system/namespaces.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/status/waiter.hpp"

namespace notifybridge::status {
namespace {

using util::concat;
using Verdict = Finding::Verdict;

std::string octal(mode_t mode) {
    std::string digits;
    for (int shift = 9; shift >= 0; shift -= 3)
        digits += static_cast<char>('0' + ((mode >> shift) & 7));
    return digits;
}

Finding check_owner(system::Fd directory) {
    struct stat status;
    if (::fstat(directory.get(), &status) < 0)
        return {Verdict::problem, "directory", system::describe(errno), "check what it lies on"};
    const std::string text =
        concat("uid ", status.st_uid, " owns it, mode ", octal(status.st_mode & 07777));
    struct stat above {};
    const bool is_hidden =
        ::fstatat(directory.get(), "..", &above, 0) == 0 && !(above.st_mode & (S_IRWXG | S_IRWXO));
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) && !is_hidden)
        return {Verdict::problem, "directory", concat(text, ": others may write to it"),
                "wait refuses it, unless nobody else enters the directory above: run `chmod go-w` "
                "on it"};
    if (::faccessat(directory.get(), ".", W_OK | X_OK, AT_EACCESS) < 0)
        return {Verdict::problem, "directory",
                concat(text, ": not writable from here (", system::describe(errno), ')'),
                "where wrap runs so, it cannot make its socket: give the directory to its user "
                "(wait --owner; without root, podman run --userns=keep-id:uid=UID,gid=GID), and "
                "mount it writable"};
    return {Verdict::good, "directory", text, {}};
}

/// What policies call that which a container may use.
bool is_for_containers(std::string_view label) {
    return label.find(":container_file_t:") != label.npos
           || label.find(":svirt_sandbox_file_t:") != label.npos;
}

void check_label(std::vector<Finding>& found, system::Fd directory) {
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
        found.push_back({Verdict::good, "SELinux", concat("the label is ", label), {}});
    else
        found.push_back({enforcing.starts_with('1') ? Verdict::problem : Verdict::note, "SELinux",
                         concat("the label is ", label, ", which a container may not use"),
                         "mount the volume with :Z, or run `chcon -t container_file_t` on it"});
}

Finding check_run(const Overview& overview) {
    if (!overview.run) {
        for (const FileFault& fault : overview.faults)
            if (fault.file == channel::journal_name)
                return {Verdict::problem, "run", concat("cannot read the journal: ", fault.text),
                        "start the container anew; what is in the journal's place is not ours"};
        return {Verdict::problem, "run", "there never was one: no wrap was started here",
                "check that the container mounts this directory, that SHARED_DIR names it there, "
                "and that its command is container-notify-wrapper"};
    }
    const RunOverview& run = *overview.run;
    if (run.damaged)
        return {Verdict::problem, "run", "its journal is damaged",
                "somebody else wrote to it: start the container anew"};
    if (run.liveness == Liveness::ended)
        return {Verdict::problem, "run",
                run.end ? concat("it is over: the command ", process::describe(*run.end))
                        : std::string("it broke off: wrap was killed"),
                "what is here is of the past: start the container anew, and read its log"};
    if (!is_ready(run))
        return {Verdict::note, "run",
                concat("it goes on, and the app is ", notify::name(run.state.phase),
                       ": it has not said READY=1, or takes it back"),
                "`status --follow` shows what it says; one that does not notify needs "
                "wrap --ready-when"};
    return {Verdict::good,
            "run",
            concat("it goes on, and the app is ", notify::name(run.state.phase)),
            {}};
}

/// A stream is refused by a socket for datagrams that somebody receives from: nothing is sent.
Finding check_socket(system::Fd directory, std::uint64_t pid_namespace) {
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
            return {Verdict::problem, "socket", concat(name, " is not there"),
                    "the app has nothing to send to: something removed it; start the container "
                    "anew"};
        case ECONNREFUSED:
            return {Verdict::problem, "socket", concat("nobody receives from ", name),
                    "its wrap is gone, or has another file system here: start the container anew"};
        case EACCES:
            return {
                Verdict::note, "socket",
                concat(name, " is not for this user, its mode is ", octal(status.st_mode & 07777)),
                "ask as root, or as the user of the app"};
        default:
            return {Verdict::problem, "socket",
                    concat(name, ' ', system::describe_open_error(system::error_of(error))),
                    "it was replaced: start the container anew"};
    }
    const bool is_for_all = (status.st_mode & 0222) == 0222;
    return {is_for_all || pid_namespace == system::initial_pid_namespace ? Verdict::good
                                                                         : Verdict::note,
            "socket",
            concat("messages are taken, of ", is_for_all ? "everybody" : "its owner only",
                   " (mode ", octal(status.st_mode & 07777), ')'),
            is_for_all ? "" : "an app under another user needs wrap --socket-mode=0666"};
}

/// What programs in the container send to.
void check_own_variable(std::vector<Finding>& found, const std::string& path,
                        const RunOverview& run) {
    const auto socket = process::environment_variable("NOTIFY_SOCKET");
    const std::string ours = concat(process::absolute_path(path), '/', channel::socket_name);
    if (!socket || run.header.pid_namespace != system::pid_namespace() || *socket == ours)
        return;
    found.push_back(
        {Verdict::problem, "variable",
         concat("NOTIFY_SOCKET is ", util::quote(*socket), " here, and not ", util::quote(ours)),
         "a program started so does not reach the bridge: let wrap set it"});
}

Finding check_attached(const Overview& overview) {
    if (!overview.host)
        return {Verdict::problem, "wait", "no wait is there",
                "start host-notify-waiter on the host, with the same directory"};
    const HostOverview& host = *overview.host;
    const std::string pid = concat("pid ", host.file.facts.pid);
    if (host.file.facts.has_left)
        return {Verdict::note, "wait", concat(pid, " has left the run to itself"),
                "what is said now is kept for status, and for a host-notify-waiter that comes"};
    if (host.liveness == Liveness::ended)
        return {Verdict::problem, "wait", concat("it was killed, ", pid),
                "start the unit again: it carries on where this one was"};
    if (!overview.run || !is_attached(host, *overview.run))
        return {Verdict::problem, "wait", concat(pid, " is attached to another run, or to none"),
                "one that ended is not taken up; where this goes on, the container that wait "
                "started is another one"};
    const auto& progress = host.file.progress;
    if (progress.acknowledged < overview.run->last_sequence)
        return {Verdict::note, "wait",
                concat(pid, " has sent ", progress.acknowledged, " of ",
                       overview.run->last_sequence, " messages"),
                "it has more to send, or systemd does not read: look again"};
    return {Verdict::good,
            "wait",
            concat(pid, " has sent all that was said (", progress.acknowledged, ')'),
            {}};
}

Finding check_unit(const UnitFacts& unit, pid_t waiter) {
    if (unit.type.empty())
        return {Verdict::note, "unit",
                concat(util::escape(unit.name), unit.user ? concat(" of uid ", *unit.user) : "",
                       ": its service manager does not answer"),
                unit.user ? "ask as that user" : "ask as root"};
    const std::string what = concat(util::escape(unit.name), " has Type=", unit.type,
                                    ", NotifyAccess=", unit.notify_access);
    if (unit.notify_access == "none")
        return {Verdict::problem, "unit", concat(what, ": systemd drops what it is told"),
                "set Type=notify"};
    if (unit.notify_access == "main" && unit.main_pid != waiter)
        return {Verdict::problem, "unit",
                concat(what, ", and wait is not its main process (", unit.main_pid, ')'),
                "start wait by ExecStart= itself, or by `exec` in its script"};
    if (!unit.type.starts_with("notify"))
        return {Verdict::note, "unit", concat(what, ": READY=1 is not waited for"),
                "set Type=notify"};
    return {Verdict::good, "unit", what, {}};
}

void check_waiter(std::vector<Finding>& found, pid_t pid, system::Fd directory) {
    const auto waiter = look_at_waiter(pid, directory);
    if (!waiter)
        return;
    if (waiter->environment_is_known && !waiter->notify_socket)
        found.push_back(
            {Verdict::problem, "systemd",
             "wait was started without NOTIFY_SOCKET: it only prints what it would send",
             "have systemd start it, in a unit with Type=notify"});
    if (waiter->leaking_pid != 0)
        found.push_back({Verdict::problem, "systemd",
                         concat("pid ", waiter->leaking_pid, " below wait has its NOTIFY_SOCKET"),
                         "a runtime with it notifies by itself: take the variable out of its "
                         "environment"});
    if (waiter->unit)
        found.push_back(check_unit(*waiter->unit, pid));
    const bool is_narrow = !waiter->has_new_privs && waiter->has_seccomp;
    found.push_back({is_narrow ? Verdict::good : Verdict::note, "sandbox",
                     is_narrow ? "wait has no_new_privs and a seccomp filter"
                               : "wait has kept rights that it does not need",
                     is_narrow ? "" : "leave out --no-sandbox, unless it is for debugging"});
}

void check_way(std::vector<Finding>& found, const Overview& overview) {
    const channel::HostFacts& facts = overview.host->file.facts;
    if (facts.polls)
        found.push_back(
            {Verdict::note, "delivery",
             "no events cross this mount, so wait looks by itself, each 0.1 s when idle",
             "a tmpfs as in /run is quicker"});
    if (!facts.lane_open && !facts.lane_fault.empty())
        found.push_back({Verdict::note, "lane",
                         concat("file descriptors do not cross: ", util::escape(facts.lane_fault)),
                         "all else works without"});
}

void check_drops(std::vector<Finding>& found, const notify::DropCounters& drops,
                 std::string_view by) {
    std::uint64_t count = 0;
    drops.for_each([&](notify::DropReason, std::uint64_t more) { count += more; });
    if (count != 0)
        found.push_back({Verdict::note, "dropped",
                         concat(count, count == 1 ? " message" : " messages", " or lines, by ", by),
                         "`status` says why; --allow of wait lets keys through"});
}

}  // namespace

std::vector<Finding> check(system::Fd directory, const std::string& path,
                           const Overview& overview) {
    std::vector<Finding> found = {check_owner(directory)};
    check_label(found, directory);
    found.push_back(check_run(overview));
    for (const FileFault& fault : overview.faults)
        if (fault.file != channel::journal_name)
            found.push_back({Verdict::problem, fault.file, fault.text,
                             "somebody else wrote it, or another release"});
    if (overview.run && overview.run->liveness != Liveness::ended) {
        found.push_back(check_socket(directory, overview.run->header.pid_namespace));
        check_own_variable(found, path, *overview.run);
    }
    found.push_back(check_attached(overview));
    if (overview.host && overview.host->liveness != Liveness::ended) {
        const auto pid = static_cast<pid_t>(overview.host->file.facts.pid);
        // wrap has the directory open as well, and in its container may have the same number.
        const bool is_wrap = overview.run
                             && overview.run->header.pid_namespace == system::pid_namespace()
                             && static_cast<pid_t>(overview.run->header.pid) == pid;
        if (!is_wrap)
            check_waiter(found, pid, directory);
        check_way(found, overview);
    }
    if (overview.container)
        check_drops(found, overview.container->drops, "wrap");
    if (overview.host)
        check_drops(found, overview.host->file.facts.drops, "wait");
    return found;
}

std::string to_text(const std::vector<Finding>& findings, bool coloured) {
    constexpr std::size_t column = findings_indent;
    std::string out;
    for (const Finding& finding : findings) {
        const bool is_good = finding.verdict == Verdict::good;
        const bool is_problem = finding.verdict == Verdict::problem;
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
