#include "base/system/writable.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace notifybridge::system {

bool is_writable(Fd directory) noexcept {
    constexpr int mode = W_OK | X_OK;
    if (::faccessat(directory.get(), ".", mode, AT_EACCESS) == 0)
        return true;
    // What the C library calls, faccessat2 (Linux 5.8), is refused so by the filters of container
    // runtimes that are older than it. The call before it asks for the real user, who is the same
    // but in a program that is setuid.
    return errno == EPERM && ::syscall(SYS_faccessat, directory.get(), ".", mode) == 0;
}

}  // namespace notifybridge::system
