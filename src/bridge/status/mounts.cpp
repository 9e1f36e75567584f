#include "bridge/status/mounts.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/process/descendants.hpp"
#include "base/process/proc.hpp"
#include "base/system/file.hpp"
#include "base/system/mount_info.hpp"
#include "base/system/namespaces.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/escape.hpp"
#include "base/util/words.hpp"
#include "bridge/status/senders.hpp"

namespace notifybridge::status {
namespace {

using util::concat;

constexpr std::size_t longest_mountinfo = 1024 * 1024;

ino_t mount_namespace_of(const std::string& process) {
    struct stat status;
    return ::stat(concat("/proc/", process, "/ns/mnt").c_str(), &status) == 0 ? status.st_ino : 0;
}

/// Returns whether `path` has this device and inode number. Uses only the attributes that the
/// kernel has cached, because a file system that a container serves (FUSE) may never answer.
bool is_directory_at(const std::string& path, dev_t device, ino_t inode) {
    struct statx status;
    return ::statx(AT_FDCWD, path.c_str(), AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_INO, &status)
               == 0
           && ::makedev(status.stx_dev_major, status.stx_dev_minor) == device
           && status.stx_ino == inode;
}

}  // namespace

std::vector<Mount> mounts_of(std::string_view mountinfo, dev_t device) {
    const std::string wanted = concat(::major(device), ':', ::minor(device));
    std::vector<Mount> found;
    while (auto mount = system::take_mount(mountinfo))
        if (mount->device == wanted)
            found.push_back({std::move(mount->path), mount->is_read_only()});
    return found;
}

std::vector<MountingContainer> find_containers(system::Fd directory, pid_t waiter) {
    std::vector<MountingContainer> containers;
    struct stat status;
    if (::fstat(directory.get(), &status) < 0)
        return containers;
    const std::uint64_t own_pids = system::pid_namespace();
    const std::vector<pid_t> below = process::descendants(waiter);
    std::vector<ino_t> seen = {0, mount_namespace_of("self")};
    for (const pid_t pid : process::numbers_in("/proc")) {
        // Skip processes in our pid namespace that `wait` did not start. They may be services that
        // have their own mount namespace without being containers.
        if (system::pid_namespace_of(pid) == own_pids && !util::contains(below, pid))
            continue;
        const ino_t mounts = mount_namespace_of(concat(pid));
        if (util::contains(seen, mounts))
            continue;
        seen.push_back(mounts);
        const std::string text =
            system::text_of(concat("/proc/", pid, "/mountinfo"), longest_mountinfo);
        for (Mount& mount : mounts_of(text, status.st_dev)) {
            if (!is_directory_at(concat("/proc/", pid, "/root", mount.path), status.st_dev,
                                 status.st_ino))
                continue;
            MountingContainer container;
            container.pid = pid;
            container.name = command_name(pid);
            container.mount = std::move(mount);
            container.shared_dir = process::variable_of(pid, "SHARED_DIR");
            containers.push_back(std::move(container));
            break;
        }
    }
    return containers;
}

void judge_containers(diagnosis::Findings& found, std::span<const MountingContainer> containers) {
    constexpr std::string_view subject = "mount";
    if (containers.empty())
        return found.note(
            subject, "no container that this user can see mounts this directory",
            "if the container is running, add `-v DIRECTORY:/shared:Z -e SHARED_DIR=/shared`");
    for (const MountingContainer& container : containers) {
        const std::string path = util::escape(container.mount.path);
        const std::string who =
            concat("the container of pid ", container.pid, " (", util::escape(container.name),
                   ") mounts this directory at ", path);
        if (container.mount.is_read_only)
            return found.problem(subject, concat(who, ", read-only"),
                                 "mount it writable: remove `ro` from its -v");
        const std::string shared_dir =
            container.shared_dir.empty() ? "/shared" : container.shared_dir;
        if (shared_dir != container.mount.path)
            return found.problem(
                subject,
                concat(who, ", but SHARED_DIR is ", util::quote(shared_dir),
                       container.shared_dir.empty() ? " by default" : ""),
                concat("start the container with `-e ",
                       util::shell_word(concat("SHARED_DIR=", container.mount.path)), '`'));
        if (&container == &containers.back())
            return found.problem(subject, concat(who, ", but does not start wrap"),
                                 "make container-notify-wrapper its command: "
                                 "`--entrypoint=/opt/container-notify-wrapper IMAGE COMMAND`");
    }
}

}  // namespace notifybridge::status
