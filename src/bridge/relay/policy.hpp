#pragma once

#include <set>
#include <string>
#include <string_view>

#include "base/notify/message.hpp"

namespace notifybridge::relay {

/// A policy that decides which assignments may reach the service manager. It has a list of allowed
/// keys, and reads keys as systemd does. By default, a container may report its own state, but
/// not name processes of the host or change how systemd treats the unit (NOTIFYACCESS).
class Policy {
public:
    /// Overrides the default for `key`. "X_" means all extensions.
    void allow(std::string_view key);
    void deny(std::string_view key);

    /// A decision about an assignment. Each value also names the rule that led to the decision.
    enum class Ruling {
        passes_by_default,
        allowed,  ///< Allowed by an option.
        // This value and all below mean that the assignment is refused.
        denied,
        needs_lane,
        names_process,
        changes_manager,
        is_barrier,
        has_no_key,
        unknown,
    };

    /// Returns the decision about `tag`. `fds_cross` means that file descriptors, and assignments
    /// about them, reach the service manager.
    Ruling rule(const notify::Tag& tag, bool fds_cross) const;

    bool passes(const notify::Tag& tag, bool fds_cross) const {
        return rule(tag, fds_cross) <= Ruling::allowed;
    }

private:
    std::set<std::string, std::less<>> allowed_;
    std::set<std::string, std::less<>> denied_;
};

/// Returns a text that explains the rule to people.
std::string_view explain(Policy::Ruling ruling) noexcept;

/// Returns whether a message needs the fd lane (FdLane), because it removes stored descriptors, or
/// stores descriptors that came with it. `fds` is the number of these descriptors.
bool needs_lane(const notify::Message& message, std::size_t fds);

}  // namespace notifybridge::relay
