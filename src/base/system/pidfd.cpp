#include "base/system/pidfd.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

namespace notifybridge::system {
namespace {

// linux/magic.h, PIDFS_MAGIC, which the headers of older kernels do not have.
constexpr std::uint32_t pidfs_magic = 0x50494446;
// Where an inode number has 32 bits it is not the whole id.
static_assert(sizeof(ino_t) == 8);

}  // namespace

Result<UniqueFd> open_pidfd(pid_t pid) {
    UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!pidfd)
        return last_error();
    return pidfd;
}

bool has_ended(Fd pidfd) noexcept {
    pollfd end{pidfd.get(), POLLIN, 0};
    return ::poll(&end, 1, 0) > 0;
}

std::optional<std::uint64_t> pidfd_id(Fd pidfd) noexcept {
    struct statfs file_system;
    struct stat status;
    if (::fstatfs(pidfd.get(), &file_system) < 0
        || static_cast<std::uint32_t>(file_system.f_type) != pidfs_magic
        || ::fstat(pidfd.get(), &status) < 0)
        return std::nullopt;
    return status.st_ino;
}

}  // namespace notifybridge::system
