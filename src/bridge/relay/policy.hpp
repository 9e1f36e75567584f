#pragma once

#include <set>
#include <string>
#include <string_view>

#include "base/notify/message.hpp"

namespace notifybridge::relay {

/// Which assignments may cross to the service manager: an allow-list on the key as systemd reads
/// it. What a container says about itself passes; what names the host's processes or descriptors,
/// or changes who may speak, does not.
class Policy {
public:
    /// Lets this key pass, or not, whatever the default is. "X_" is all of the extensions.
    void allow(std::string_view key);
    void deny(std::string_view key);

    /// What is decided of an assignment, and by which rule.
    enum class Ruling {
        passes_by_default,
        allowed,  ///< As this policy was told.
        // From here on it does not pass.
        denied,
        needs_lane,
        names_process,
        changes_manager,
        is_barrier,
        has_no_key,
        unknown,
    };

    /// `fds_cross`: whether file descriptors reach the service manager, and so what is said of
    /// them.
    Ruling rule(const notify::Tag& tag, bool fds_cross) const;

    bool passes(const notify::Tag& tag, bool fds_cross) const {
        return rule(tag, fds_cross) <= Ruling::allowed;
    }

private:
    std::set<std::string, std::less<>> allowed_;
    std::set<std::string, std::less<>> denied_;
};

/// The rule, for people.
std::string_view explain(Policy::Ruling ruling) noexcept;

/// Whether a message needs the lane: it is about the `fds` descriptors that came with it, or about
/// those that systemd has.
bool needs_lane(const notify::Message& message, std::size_t fds);

}  // namespace notifybridge::relay
