#include "bridge/runtime/bounded_mount.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/process/cgroup_unit.hpp"
#include "base/system/call_filter.hpp"
#include "base/system/error.hpp"
#include "base/system/file.hpp"
#include "base/system/selinux.hpp"
#include "base/util/concat.hpp"
#include "base/util/function_ref.hpp"

namespace notifybridge::runtime {
namespace {

using util::concat;

constexpr const char* mounts_of_first = "/proc/1/ns/mnt";
constexpr const char* mounts_of_us = "/proc/self/ns/mnt";
/// A directory of `run` contains about ten of our files, so it needs fewer inodes than this.
constexpr int most_inodes = 256;
constexpr int most_layers = 16;

/// Calls `act` in the mount namespace of process 1. Returns 0 on success, or else errno. Uses a
/// child process if it has to enter this namespace, because this process stays in its own. A child
/// also acts if a system call filter (SystemCallFilter=) may kill the process that mounts.
int do_beside_first(util::FunctionRef<int()> act) {
    const auto first = system::identity(std::string(mounts_of_first));
    const auto own = system::identity(std::string(mounts_of_us));
    const bool is_same = first && own && *first == *own;
    if (is_same && !system::has_call_filter())
        return act();
    const pid_t child = ::fork();
    if (child < 0)
        return errno;
    if (child == 0) {
        const system::UniqueFd mounts(is_same ? -1 : ::open(mounts_of_first, O_RDONLY | O_CLOEXEC));
        if (!is_same && (!mounts || ::setns(mounts.get(), CLONE_NEWNS) < 0))
            ::_exit(errno & 0xFF);
        ::_exit(act() & 0xFF);
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : EPERM;
}

int mount_here(const std::string& path, const system::FileIdentity& wanted, const char* options) {
    const auto there = system::identity(path);
    if (!there || *there != wanted)
        return ENOENT;
    const std::string label = system::selinux_label(path);
    if (::mount("notifybridge", path.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options) < 0)
        return errno;
    if (!label.empty())
        static_cast<void>(system::set_selinux_label(path, label));
    return 0;
}

/// Returns whether process 1 belongs to our unit and has the unit's mounts, as with PrivatePIDs=.
bool is_first_of_our_unit() {
    const auto own = process::unit_of_process("self");
    return own.is_service() && ::getpid() != 1 && own == process::unit_of_process("1");
}

}  // namespace

std::uint64_t bound_of_memory(std::uint64_t memory) {
    constexpr std::uint64_t usual = 256 * 1024 * 1024;
    constexpr std::uint64_t least = 16 * 1024 * 1024;
    return std::max(std::min(usual, memory / 4), least);
}

std::string mount_bounded(const std::string& path) {
    const auto before = system::identity(path);
    if (!before)
        return system::describe(before.error().value());
    if (is_first_of_our_unit())
        return "PID 1 is in this unit, as with PrivatePIDs=";
    struct sysinfo machine {};
    ::sysinfo(&machine);
    const std::string options =
        concat("mode=0700,nr_inodes=", most_inodes,
               ",size=", bound_of_memory(std::uint64_t{machine.totalram} * machine.mem_unit));
    const int error = do_beside_first([&] { return mount_here(path, *before, options.c_str()); });
    if (error != 0)
        return concat("mount: ", system::describe(error));
    const auto after = system::identity(path);
    if (after && *after != *before)
        return {};
    do_beside_first([&] { return ::umount2(path.c_str(), MNT_DETACH) < 0 ? errno : 0; });
    return "mounts of the host do not reach this unit; check MountFlags= of the unit";
}

bool has_own_mount(const std::string& path) {
    const auto own = system::identity(path);
    const auto above = system::identity(path + "/..");
    return own && above && own->device != above->device;
}

bool unmount(const std::string& path) {
    for (int layer = 0; layer < most_layers && has_own_mount(path); ++layer)
        if (do_beside_first([&] {
                return ::umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) < 0 ? errno : 0;
            })
            != 0)
            break;
    return !has_own_mount(path);
}

}  // namespace notifybridge::runtime
