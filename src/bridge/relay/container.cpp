#include "bridge/relay/container.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "base/process/descendants.hpp"
#include "base/process/proc.hpp"
#include "base/system/file.hpp"
#include "base/system/namespaces.hpp"
#include "base/system/pidfd.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/number.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::relay {
namespace {

using util::concat;

/// Returns the last number of NSpid in /proc/PID/status (proc(5)), which is the pid in the
/// innermost namespace.
std::optional<pid_t> innermost_pid(pid_t pid) {
    const std::string line = process::status_field(pid, "NSpid");
    return util::parse_number<pid_t>(std::string_view(line).substr(line.rfind('\t') + 1));
}

bool is_called(pid_t pid, pid_t inner, std::uint64_t pid_namespace) {
    return innermost_pid(pid) == inner && system::pid_namespace_of(pid) == pid_namespace;
}

/// Returns whether `fd`, a descriptor of the process `pid`, has a write lock on the file's first
/// byte. fdinfo (proc(5)) then has a line like "lock:  1: OFDLCK ADVISORY  WRITE -1 08:01:42 0 0".
bool holds_life_lock(pid_t pid, int fd) {
    const std::string text = system::text_of(concat("/proc/", pid, "/fdinfo/", fd));
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::string_view line = util::take_until(rest, '\n');
        if (line.starts_with("lock:") && line.find(" OFDLCK ") != line.npos
            && line.find(" WRITE ") != line.npos && line.ends_with(" 0 0"))
            return true;
    }
    return false;
}

/// Returns the cached identity of the file at `fd_path`, a link in /proc. Does not query a file
/// system that a container serves (FUSE), because the container may never answer.
std::optional<system::FileIdentity> identity_of(const std::string& fd_path) {
    struct statx status;
    if (::statx(AT_FDCWD, fd_path.c_str(), AT_STATX_DONT_SYNC, STATX_INO, &status) < 0)
        return std::nullopt;
    return system::FileIdentity{::makedev(status.stx_dev_major, status.stx_dev_minor),
                                status.stx_ino};
}

bool holds_life_lock_of(pid_t pid, const system::FileIdentity& file) {
    const std::string path = concat("/proc/", pid, "/fd");
    return std::ranges::any_of(process::numbers_in(path), [&](int fd) {
        return identity_of(concat(path, '/', fd)) == file && holds_life_lock(pid, fd);
    });
}

/// Returns whether the process can be a `wrap`. A container may pass its journal and the lock to a
/// process of the host that accepts descriptors. So in our pid namespace, `wrap` must be our
/// descendant or run our executable.
bool may_be_wrap(pid_t pid, std::uint64_t pid_namespace) {
    if (pid_namespace != system::pid_namespace())
        return true;
    const auto ours = identity_of("/proc/self/exe");
    if (ours && identity_of(concat("/proc/", pid, "/exe")) == ours)
        return true;
    const std::vector<pid_t> started = process::descendants(::getpid());
    return util::contains(started, pid);
}

/// Returns the container's `wrap`. Its pid may be reused while /proc is read. So the caller must
/// check the pidfd afterwards: the result is valid only if the process still runs.
std::optional<ContainerProcess> find_wrap(const ContainerClaim& claim) {
    for (const pid_t pid : process::numbers_in("/proc")) {
        if (!is_called(pid, claim.wrap, claim.pid_namespace))
            continue;
        auto pidfd = system::open_pidfd(pid);
        // Only the lock proves that this is `wrap`: any process may have the file open to read it.
        if (pidfd && holds_life_lock_of(pid, claim.file) && may_be_wrap(pid, claim.pid_namespace))
            return ContainerProcess{pid, std::move(*pidfd)};
    }
    return std::nullopt;
}

/// Returns the process `candidate` if its pid in the container is `pid`. Opens the pidfd before
/// reading /proc. So the pidfd shows later whether the process has ended and its pid may be reused.
std::optional<ContainerProcess> identify(const ContainerClaim& claim, pid_t wrap, pid_t candidate,
                                         pid_t pid) {
    auto pidfd = system::open_pidfd(candidate);
    if (!pidfd || !is_called(candidate, pid, claim.pid_namespace))
        return std::nullopt;
    const std::vector<pid_t> below = process::descendants(wrap);
    if (candidate != wrap && !util::contains(below, candidate))
        return std::nullopt;
    return ContainerProcess{candidate, std::move(*pidfd)};
}

}  // namespace

std::optional<ContainerProcess> find_in_container(const ContainerClaim& claim, pid_t pid) {
    const auto wrap = find_wrap(claim);
    if (!wrap)
        return std::nullopt;
    std::vector<pid_t> candidates = process::descendants(wrap->pid);
    candidates.push_back(wrap->pid);
    for (const pid_t candidate : candidates) {
        if (!is_called(candidate, pid, claim.pid_namespace))
            continue;
        auto found = identify(claim, wrap->pid, candidate, pid);
        // If one of these processes had ended, its pid could have meant another process during the
        // check.
        if (found && !system::has_ended(wrap->pidfd) && !system::has_ended(found->pidfd))
            return found;
    }
    return std::nullopt;
}

}  // namespace notifybridge::relay
