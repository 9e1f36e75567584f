#include "base/system/executable.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace notifybridge::system {

int why_not_executable(const std::string& path) {
    struct stat status;
    if (::stat(path.c_str(), &status) < 0)
        return errno;
    if (!S_ISREG(status.st_mode))
        return S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
    return ::access(path.c_str(), X_OK) < 0 ? errno : 0;
}

}  // namespace notifybridge::system
