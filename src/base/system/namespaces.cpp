#include "base/system/namespaces.hpp"

#include <sys/stat.h>

#include "base/util/concat.hpp"

namespace notifybridge::system {

namespace {

std::uint64_t inode_at(const char* path) noexcept {
    struct stat status;
    return ::stat(path, &status) == 0 ? status.st_ino : 0;
}

}  // namespace

std::uint64_t pid_namespace() noexcept {
    // Read the inode only once: a process never changes its pid namespace, and /proc takes 20 µs to
    // answer.
    static std::uint64_t inode = 0;
    if (inode == 0)
        inode = inode_at("/proc/self/ns/pid");
    return inode;
}

std::uint64_t pid_namespace_of(pid_t pid) noexcept {
    return inode_at(util::concat("/proc/", pid, "/ns/pid").c_str());
}

std::uint64_t user_namespace() noexcept {
    return inode_at("/proc/self/ns/user");
}

}  // namespace notifybridge::system
