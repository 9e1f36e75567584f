#include "base/system/pidfd.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>

namespace notifybridge::system {
namespace {

// The value of PIDFS_MAGIC, which linux/magic.h of older kernels does not have.
constexpr std::uint32_t pidfs_magic = 0x50494446;
// The inode number of a pidfd identifies the process, and has 64 bits.
static_assert(sizeof(ino_t) == 8);

}  // namespace

Result<UniqueFd> open_pidfd(pid_t pid) {
    UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (pidfd)
        return pidfd;
    const auto error = last_error();
    const bool is_refused = is_missing_call(error.value());
    if (is_refused && (::kill(pid, 0) == 0 || errno != ESRCH))
        return pidfd;
    return is_refused ? error_of(ESRCH) : error;
}

bool send_signal(pid_t pid, Fd pidfd, int signal) noexcept {
    if (::syscall(SYS_pidfd_send_signal, pidfd.get(), signal, nullptr, 0) == 0)
        return true;
    return errno != ESRCH && ::kill(pid, signal) == 0;
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

Result<UniqueFd> copy_descriptor(Fd pidfd, int number) {
    UniqueFd copy(static_cast<int>(::syscall(SYS_pidfd_getfd, pidfd.get(), number, 0)));
    if (!copy)
        return last_error();
    return copy;
}

}  // namespace notifybridge::system
