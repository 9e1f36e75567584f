#include "bridge/status/bridges.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/process/flock.hpp"
#include "base/process/proc.hpp"
#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "bridge/channel/host_file.hpp"

namespace notifybridge::status {
namespace {

using util::concat;

/// Opens the directory that the process has locked with its descriptor `fd`, if the directory
/// belongs to a `wait`. The process may belong to another user, who may exchange the descriptor at
/// the same time.
system::UniqueFd open_locked(pid_t pid, int fd) {
    const system::UniqueFd handle = system::open_handle(concat("/proc/", pid, "/fd/", fd));
    struct stat status;
    if (!handle || ::fstat(handle.get(), &status) < 0 || !S_ISDIR(status.st_mode)
        || !process::has_flock(pid, fd))
        return {};
    auto directory = system::open_directory(system::proc_path(handle));
    if (directory && channel::HostFileReader(*directory).refresh())
        return std::move(*directory);
    return {};
}

bool is_known(const std::vector<Bridge>& bridges, system::Fd directory) {
    const auto wanted = system::identity(directory);
    return !wanted || std::ranges::any_of(bridges, [&](const Bridge& bridge) {
        const auto identity = system::identity(bridge.directory);
        return identity && *identity == *wanted;
    });
}

}  // namespace

std::vector<Bridge> find_bridges() {
    std::vector<Bridge> bridges;
    for (const pid_t pid : process::flock_holders()) {
        for (const int fd : process::numbers_in(concat("/proc/", pid, "/fd"))) {
            Bridge bridge;
            bridge.directory = open_locked(pid, fd);
            if (!bridge.directory || is_known(bridges, bridge.directory))
                continue;
            const auto path = system::read_link(concat("/proc/", pid, "/fd/", fd));
            bridge.path = path ? *path : concat("/proc/", pid, "/fd/", fd);
            bridge.owner = owner_of_process(pid);
            bridges.push_back(std::move(bridge));
        }
    }
    std::ranges::sort(bridges, {}, &Bridge::path);
    return bridges;
}

}  // namespace notifybridge::status
