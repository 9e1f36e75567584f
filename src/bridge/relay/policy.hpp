#pragma once

#include <set>
#include <string>
#include <string_view>

#include "base/notify/message.hpp"

namespace notifybridge::relay {

/// Decides which assignments may reach the service manager, by an allow-list of keys as systemd
/// reads them. A container may report about itself, but not name the host's processes or
/// descriptors, or change who may send.
class Policy {
public:
    /// Overrides the default for this key. "X_" means all extensions.
    void allow(std::string_view key);
    void deny(std::string_view key);

    /// A decision about an assignment, and its rule.
    enum class Ruling {
        passes_by_default,
        allowed,  ///< By `allow`.
        // All of the following are refused.
        denied,
        needs_lane,
        names_process,
        changes_manager,
        is_barrier,
        has_no_key,
        unknown,
    };

    /// Returns the decision. `fds_cross`: whether file descriptors reach the service manager, and
    /// with them assignments about them.
    Ruling rule(const notify::Tag& tag, bool fds_cross) const;

    bool passes(const notify::Tag& tag, bool fds_cross) const {
        return rule(tag, fds_cross) <= Ruling::allowed;
    }

private:
    std::set<std::string, std::less<>> allowed_;
    std::set<std::string, std::less<>> denied_;
};

/// Returns the rule for people.
std::string_view explain(Policy::Ruling ruling) noexcept;

/// Returns whether a message needs the lane: it is about the `fds` descriptors that came with it,
/// or about those that systemd stores.
bool needs_lane(const notify::Message& message, std::size_t fds);

}  // namespace notifybridge::relay
