#include "base/system/missing_calls.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "base/system/error.hpp"
#include "base/system/fd.hpp"

namespace notifybridge::system {
namespace {

/// Calls openat2 with a size that every kernel with this call refuses with EINVAL.
bool lacks_openat2() {
    return ::syscall(SYS_openat2, -1, "", nullptr, 0) < 0 && is_missing_call(errno);
}

bool lacks_pidfd_open() {
    const UniqueFd own(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0)));
    return !own && is_missing_call(errno);
}

}  // namespace

std::string missing_calls() {
    std::string names;
    if (lacks_openat2())
        names += "openat2";
    if (lacks_pidfd_open())
        names += names.empty() ? "pidfd_open" : " pidfd_open";
    return names;
}

}  // namespace notifybridge::system
