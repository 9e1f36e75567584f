#include "bridge/status/check_directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

#include "base/process/environment.hpp"
#include "base/system/file.hpp"
#include "base/system/local_socket.hpp"
#include "base/system/namespaces.hpp"
#include "base/system/selinux.hpp"
#include "base/system/writable.hpp"
#include "base/util/base_name.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/words.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/status/denial.hpp"

namespace notifybridge::status {
namespace {

using diagnosis::Finding;
using diagnosis::Findings;
using util::concat;

std::string octal(mode_t mode) {
    std::string digits;
    for (int shift = 9; shift >= 0; shift -= 3)
        digits += static_cast<char>('0' + ((mode >> shift) & 7));
    return digits;
}

/// Returns whether the directory is mounted into our container (Linux 5.8 and later). Its parent on
/// the host is then another directory, so only the host can judge who may enter it.
bool is_mounted_into_container(system::Fd directory) {
    struct statx facts {};
    return system::pid_namespace() != system::initial_pid_namespace
           && ::statx(directory.get(), "", AT_EMPTY_PATH, 0, &facts) == 0
           && (facts.stx_attributes & facts.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0;
}

void check_owner(Findings& found, system::Fd directory, bool run_goes_on) {
    struct stat status;
    if (::fstat(directory.get(), &status) < 0)
        return found.problem("directory", system::describe(errno), "check its file system");
    const std::string text =
        concat("uid ", status.st_uid, " owns it, mode ", octal(status.st_mode & 07777));
    struct stat above {};
    const bool is_hidden =
        ::fstatat(directory.get(), "..", &above, 0) == 0 && !(above.st_mode & (S_IRWXG | S_IRWXO));
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) && !is_hidden
        && !is_mounted_into_container(directory))
        return found.problem("directory", concat(text, ": other users may write to it"),
                             concat("wait refuses a directory that other users can change: ",
                                    channel::advice_for_mode(status.st_mode)));
    if (system::is_writable(directory))
        return found.good("directory", text);
    const std::string what =
        concat(text, ": not writable from here (", system::describe(errno), ')');
    // The container's user may have the right to write, even if we do not.
    if (errno == EACCES && run_goes_on && ::geteuid() != status.st_uid)
        found.note("directory", what, "run this as root, or as the owner");
    else
        found.problem(
            "directory", what,
            "wrap cannot create its socket as the user of this check: make that user the owner "
            "(wait --owner; without root, podman run --userns=keep-id:uid=UID,gid=GID), "
            "and mount the directory writable");
}

/// Reports a full file system. `wrap` then keeps new messages in its memory, and later drops them.
void check_room(Findings& found, system::Fd directory) {
    struct statvfs room {};
    if (::fstatvfs(directory.get(), &room) == 0 && room.f_blocks != 0 && room.f_bavail == 0)
        found.problem("directory", "its file system is full, so that messages are late or are lost",
                      "remove files there (see `df`), such as those of the app");
}

/// Returns whether SELinux policies let containers use files with this label.
bool is_for_containers(std::string_view label) {
    return label.find(":container_file_t:") != label.npos
           || label.find(":svirt_sandbox_file_t:") != label.npos;
}

void check_label(Findings& found, system::Fd directory, bool run_goes_on) {
    const std::string enforcing = system::text_of("/sys/fs/selinux/enforce");
    if (enforcing.empty())
        return;
    const std::string label = util::escape(system::selinux_label(system::proc_path(directory)));
    if (label.empty())
        return;
    // A run that goes on has written its files here, for example with --security-opt=label=disable.
    if (is_for_containers(label) || run_goes_on)
        found.good("SELinux", concat("the label is ", label));
    else
        (found.*(enforcing.starts_with('1') ? &Findings::problem : &Findings::note))(
            "SELinux", concat("the label is ", label, ", which containers may not use"),
            "mount the volume with :Z, or run `chcon -t container_file_t` on it");
}

/// Returns when this machine has booted, in microseconds since 1970.
std::uint64_t boot_usec() {
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    const auto uptime = static_cast<std::uint64_t>(time.tv_sec) * 1'000'000;
    const std::uint64_t now = system::now().realtime;
    return now - std::min(now, uptime);
}

void report(Findings& found, const Denial& denial, const std::string& directory,
            Finding::Verdict verdict) {
    found.add(verdict, "denied",
              concat("in the audit log, at ", system::to_local_time(denial.usec), ": ",
                     util::escape(denial.text)),
              remedy_of(denial, directory.empty() ? directory : util::shell_word(directory)));
}

/// Reports the last denial. If the denial is older than the start of `wait`, or of the run if there
/// is no `wait`, the finding is only a note. The cause may have been fixed.
void check_denial(Findings& found, const std::string& path, const Overview& overview) {
    const std::string whole = process::absolute_path(path);
    const auto denial = last_denial(util::base_name(whole));
    if (!denial || denial->usec < boot_usec())
        return;
    const std::uint64_t since = overview.host  ? overview.host->file.facts.attached_usec
                                : overview.run ? overview.run->header.started_usec
                                               : 0;
    report(found, *denial, whole,
           denial->usec >= since ? Finding::Verdict::problem : Finding::Verdict::note);
}

/// Returns advice about a file that cannot be used. Returns an empty text if the text of `fault`
/// already contains advice, for example about another version. `starts` names what to start again.
std::string advice_about(const FileFault& fault, std::string_view starts) {
    if (fault.text.find("; ") != fault.text.npos)
        return {};
    return fault.text == system::describe(EACCES)
               ? std::string("run this as root")
               : concat("something replaced the file: start the ", starts, " again");
}

void check_run(Findings& found, const Overview& overview, const std::string& path,
               const RunContext& context) {
    const std::string_view member = context.member;
    if (!overview.run && overview.faults.empty() && !member.empty())
        return found.problem(
            "member",
            concat(util::escape(member),
                   " is missing: its container was not started, and the unit waits for it"),
            concat("start it with `-e ", util::shell_word(concat("SHARED_DIR=", path)),
                   " -e NOTIFYBRIDGE_TOKEN`; in a compose file, the service needs `SHARED_DIR: "
                   "${SHARED_DIR}/",
                   util::escape(member), "` and `runtime: notifybridge`"));
    if (!overview.run) {
        for (const FileFault& fault : overview.faults)
            if (fault.file == channel::journal_name)
                return found.problem(
                    "run", concat("cannot read the journal of the shared directory: ", fault.text),
                    advice_about(fault, "container"));
        return found.problem(
            "run", "no wrap has used this directory",
            "check that the container mounts this directory, that its SHARED_DIR is the mount "
            "point, and that its command is container-notify-wrapper");
    }
    const RunOverview& run = *overview.run;
    if (run.damaged)
        return found.problem("run", "the journal of the run is damaged",
                             "another program changed it: start the container again");
    if (run.liveness == Liveness::ended)
        return found.problem(
            "run",
            run.end ? concat("the run has ended: the command ", process::describe(*run.end))
                    : std::string("the run broke off: wrap was killed"),
            "read the container's log, and start it again");
    if (run.is_asked_to_end || run.state.phase == notify::Phase::stopping)
        return found.note("run",
                          concat("the run is active, and the app ",
                                 run.is_asked_to_end ? "was asked to end" : "has sent STOPPING=1"),
                          "the run ends with the app, or when --stop-timeout is over");
    if (!is_ready(run) && context.is_explained)
        return;
    if (!is_ready(run))
        return found.note(
            "run",
            concat("the run is active, and the app is ", notify::name(run.state.phase),
                   ": it has not sent READY=1, or has withdrawn it"),
            concat("`status --follow` shows its messages; an app that does not notify "
                   "needs `",
                   context.is_run ? "run" : "wrap", " --ready-when`"));
    return found.good("run",
                      concat("the run is active, and the app is ", notify::name(run.state.phase)));
}

/// Tests the socket by connecting a datagram socket to it. This sends nothing to the receiver.
void check_socket(Findings& found, system::Fd directory, const RunOverview& run) {
    const channel::JournalHeader& header = run.header;
    struct stat status {};
    const int error =
        ::fstatat(directory.get(), channel::socket_name, &status, AT_SYMLINK_NOFOLLOW) < 0
            ? errno
            : system::connect_to_datagrams(directory, channel::socket_name).error().value();
    const std::string name = channel::socket_name;
    if (header.beats && (error == ENOENT || error == ECONNREFUSED))
        return found.note("socket",
                          concat(name,
                                 " cannot be reached from here: the container has its own "
                                 "kernel, as in gVisor or a VM"),
                          "run this in the container: `notifybridge status --check`");
    switch (error) {
        case 0:
            break;
        case ENOENT:
            return found.problem("socket", concat(name, " does not exist"),
                                 "the app cannot send messages: something removed the socket; "
                                 "start the container again");
        case ECONNREFUSED:
            return found.problem(
                "socket", concat("no process receives from ", name),
                "wrap has ended, or uses another file system: start the container again");
        case EACCES:
            return found.note("socket",
                              concat(name, " is closed to this user: its mode is ",
                                     octal(status.st_mode & 07777)),
                              "run this as root, or as the user of the app");
        default:
            return found.problem(
                "socket", concat(name, ": ", system::describe_open_error(system::error_of(error))),
                "something replaced the socket: start the container again");
    }
    const bool is_for_all = (status.st_mode & 0222) == 0222;
    const std::string text =
        concat("wrap accepts messages from ", is_for_all ? "all users" : "its owner only",
               " (mode ", octal(status.st_mode & 07777), ')');
    // Without a container, the app usually has the user of `wrap`.
    const bool is_silent = run.last_sequence == 0 && run.state.phase == notify::Phase::starting;
    if (is_for_all || (header.pid_namespace == system::initial_pid_namespace && !is_silent))
        found.good("socket", text);
    else
        found.note("socket", text, "an app of another user needs `wrap --socket-mode=0666`");
}

/// Returns whether both paths name the same file, perhaps by a symbolic link.
bool are_same_file(const std::string& path, const std::string& other) {
    struct stat one {};
    struct stat two {};
    return ::stat(path.c_str(), &one) == 0 && ::stat(other.c_str(), &two) == 0
           && one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

/// Checks whether programs in the container would send their messages to this directory. Without a
/// container, this process may also be one beside `wait`, such as ExecStartPost=.
void check_own_variable(Findings& found, const std::string& path, const RunOverview& run,
                        const RunContext& context) {
    const auto socket = process::environment_variable("NOTIFY_SOCKET");
    const std::string ours = concat(process::absolute_path(path), '/', channel::socket_name);
    if (!socket || socket == context.socket_of_waiter
        || run.header.pid_namespace != system::pid_namespace() || *socket == ours
        || are_same_file(*socket, ours))
        return;
    found.problem(
        "variable",
        concat("NOTIFY_SOCKET is ", util::quote(*socket), " here, not ", util::quote(ours)),
        "programs with this value send their messages elsewhere: do not set NOTIFY_SOCKET in the "
        "image, with -e or in a script; wrap sets it");
}

/// Returns whether `wrap` runs as a part of `init`. Units of `init` use another socket, and the
/// command is `init` itself.
bool is_init(const Overview& overview) {
    return overview.container
           && overview.container->command_pid
                  == static_cast<std::int64_t>(overview.run->header.pid);
}

}  // namespace

void check_denial_between(Findings& found, std::uint64_t since, std::uint64_t until) {
    // The times of the audit log are whole seconds here.
    constexpr std::uint64_t second = 1'000'000;
    const auto denial = last_denial({});
    if (denial && denial->usec + second > since && denial->usec <= until)
        report(found, *denial, {}, Finding::Verdict::problem);
}

void check_labels(Findings& found, system::Fd directory, const std::string& path,
                  const Overview& overview) {
    check_label(found, directory, overview.run && overview.run->liveness == Liveness::alive);
    check_denial(found, path, overview);
}

void check_directory(Findings& found, system::Fd directory, const std::string& path,
                     const Overview& overview, const RunContext& context) {
    check_owner(found, directory, overview.run && overview.run->liveness == Liveness::alive);
    check_room(found, directory);
    check_labels(found, directory, path, overview);
    check_run(found, overview, path, context);
    for (const FileFault& fault : overview.faults)
        if (fault.file != channel::journal_name)
            found.problem(fault.file, fault.text, advice_about(fault, "unit"));
    if (overview.run && overview.run->liveness != Liveness::ended) {
        if (!is_init(overview))
            check_socket(found, directory, *overview.run);
        check_own_variable(found, path, *overview.run, context);
    }
}

}  // namespace notifybridge::status
