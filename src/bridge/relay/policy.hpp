#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/notify/message.hpp"

namespace notifybridge::relay {

/// Which assignments may cross to the service manager: an allow-list on the key as systemd reads
/// it. What a container says about itself passes; what names the host's processes or descriptors,
/// or changes who may speak, does not.
class Policy {
public:
    /// `fds_cross`: whether file descriptors reach the service manager, and so what is said of
    /// them.
    explicit Policy(bool fds_cross = false) : fds_cross_(fds_cross) {}

    void let_fds_cross(bool cross) { fds_cross_ = cross; }

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

    Ruling rule(const notify::Tag& tag) const;

    bool passes(const notify::Tag& tag) const { return rule(tag) <= Ruling::allowed; }

    /// Whether `message` says exactly `assignment`, and that passes.
    bool lets_through(const notify::Message& message, std::string_view assignment) const;

    struct Passage {
        std::string text;                  ///< What is sent on; empty where nothing is.
        std::vector<std::string> refused;  ///< The keys of the assignments that were taken out.
        bool says_of_fds = false;          ///< What is sent on is about descriptors that it needs.
    };

    /// `datagram`, which `message` was parsed from, whole, or with its refused lines taken out.
    Passage filter(std::string_view datagram, const notify::Message& message) const;

private:
    bool fds_cross_;
    std::set<std::string, std::less<>> allowed_;
    std::set<std::string, std::less<>> denied_;
};

/// The rule, for people.
std::string_view explain(Policy::Ruling ruling) noexcept;

/// Whether a message needs the lane: it is about the `fds` descriptors that came with it, or about
/// those that systemd has.
bool needs_lane(const notify::Message& message, std::size_t fds);

}  // namespace notifybridge::relay
