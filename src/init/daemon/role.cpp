#include "init/daemon/role.hpp"

#include <unistd.h>

#include "base/util/concat.hpp"
#include "init/files/facts/virtualization.hpp"

namespace notifybridge::daemon {

Role role_of(const RoleFacts& facts) noexcept {
    if (facts.has_own_root)
        return Role::separate;
    if (facts.is_first || (facts.is_root && facts.is_contained && !facts.has_systemd))
        return Role::container;
    return facts.is_root || facts.is_contained ? Role::guest : Role::separate;
}

RoleFacts role_facts(const std::string& root) {
    return {
        .has_own_root = !root.empty(),
        .is_first = ::getpid() == 1,
        .is_root = ::geteuid() == 0,
        .is_contained = !facts::detect_container().empty(),
        // systemd's own socket for systemctl. We create only sockets that programs use.
        .has_systemd = ::access("/run/systemd/private", F_OK) == 0,
    };
}

std::string describe_guest(const RoleFacts& facts) {
    const char* const why = facts.has_systemd ? "systemd manages it"
                            : facts.is_root   ? "this is not a container"
                                              : "this is neither process 1 nor root";
    return util::concat(
        "not the service manager of this system, because ", why,
        ": generators do not run, so units that they write are missing (postgresql, SysV scripts); "
        "without /run/systemd/system and org.freedesktop.systemd1, packages do not start their "
        "services; run `notifybridge init` as root or as process 1 of a container, or use --root=");
}

}  // namespace notifybridge::daemon
