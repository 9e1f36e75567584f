#include "base/system/peer_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

namespace notifybridge::system {

Result<UniqueFd> open_peer_file(Fd directory, const char* name, int flags) {
    auto opened = open_regular(directory, name, flags);
    if (opened || opened.error().value() != ENOSYS)
        return opened;
    const UniqueFd handle = open_handle(directory, name);
    struct stat status;
    if (!handle || ::fstat(handle.get(), &status) < 0)
        return last_error();
    // If a FIFO has replaced the file, opening it must not block.
    flags |= O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    UniqueFd file(S_ISREG(status.st_mode) ? ::openat(directory.get(), name, flags) : -1);
    const auto found = identity(file);
    if (!file || !found || *found != FileIdentity{status.st_dev, status.st_ino})
        return error_of(ESTALE);
    return file;
}

}  // namespace notifybridge::system
