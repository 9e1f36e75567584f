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
    // The C library calls faccessat2 (Linux 5.8), which filters of older container runtimes refuse
    // with EPERM. The older call checks the real user, which differs from the effective user only
    // in a setuid program.
    return errno == EPERM && ::syscall(SYS_faccessat, directory.get(), ".", mode) == 0;
}

}  // namespace notifybridge::system
