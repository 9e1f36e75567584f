#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace notifybridge::status {

/// The owner of a bridge as the kernel reports it. The texts that `wait` writes do not identify the
/// owner, because bridges of different owners may have the same path and unit name.
struct Owner {
    pid_t pid = 0;
    uid_t uid = 0;
    std::string unit;  ///< The service that the process belongs to; empty if there is none.
    std::optional<uid_t>
        manager;  ///< The user whose manager has the unit; nullopt for the system's manager.
    std::uint64_t mounts = 0;  ///< The process's mount namespace if it differs from ours, else 0.

    bool operator==(const Owner&) const = default;
};

/// Returns the owner of the process with this pid.
Owner owner_of_process(pid_t pid);

/// Returns "app.service", or "app.service of uid 7" if the unit belongs to another user than
/// `viewer`. Returns an empty text if there is no unit.
std::string unit_text(const Owner& owner, uid_t viewer);

}  // namespace notifybridge::status
