#pragma once

#include <sys/types.h>

#include <string>

namespace notifybridge::daemon {

/// What this process is to the system that it runs in.
enum class Role {
    /// The service manager of a container: process 1, or root if process 1 manages nothing, such as
    /// tini of `docker run --init`. It runs generators, and programs see it as systemd.
    container,
    /// A manager of some units beside another one, or in a container that it may not change. It
    /// does nothing of that, although users may expect it.
    guest,
    /// A manager of its own directories (--root), or of a user outside of a container.
    separate,
};

struct RoleFacts {
    bool has_own_root = false;  ///< Whether --root is given.
    bool is_first = false;      ///< Whether this is process 1.
    bool is_root = false;       ///< Whether the user is root.
    bool is_contained = false;  ///< Whether this is a container.
    bool has_systemd = false;   ///< Whether systemd manages /run.
};

Role role_of(const RoleFacts& facts) noexcept;
RoleFacts role_facts(const std::string& root);

/// Returns a warning that tells a guest what is missing, and why.
std::string describe_guest(const RoleFacts& facts);

}  // namespace notifybridge::daemon
