#include "system/namespaces.hpp"

#include <sys/stat.h>

namespace notifybridge::system {

std::uint64_t pid_namespace() noexcept {
    struct stat status;
    return ::stat("/proc/self/ns/pid", &status) == 0 ? status.st_ino : 0;
}

}  // namespace notifybridge::system
