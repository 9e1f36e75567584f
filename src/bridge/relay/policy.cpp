#include "bridge/relay/policy.hpp"

namespace notifybridge::relay {
namespace {

using notify::Key;

Policy::Ruling rule_by_default(Key key, bool fds_cross) {
    switch (key) {
        case Key::ready:
        case Key::reloading:
        case Key::stopping:
        case Key::monotonic_usec:
        case Key::status:
        case Key::errno_:
        case Key::bus_error:
        case Key::varlink_error:
        case Key::exit_status:
        case Key::watchdog:
        case Key::watchdog_usec:
        case Key::extend_timeout_usec:
        case Key::extension:
            return Policy::Ruling::passes_by_default;
        case Key::fd_store:
        case Key::fd_store_remove:
        case Key::fd_name:
        case Key::fd_poll:
            return fds_cross ? Policy::Ruling::passes_by_default : Policy::Ruling::needs_lane;
        case Key::main_pid:
        case Key::main_pid_fd:
        case Key::main_pid_fd_id:
            return Policy::Ruling::names_process;
        case Key::notify_access:
        case Key::restart_reset:
            return Policy::Ruling::changes_manager;
        case Key::barrier:
        case Key::unknown:
            break;
    }
    return Policy::Ruling::unknown;
}

}  // namespace

std::string_view explain(Policy::Ruling ruling) noexcept {
    switch (ruling) {
        case Policy::Ruling::passes_by_default:
            return "this is the default for its key";
        case Policy::Ruling::allowed:
            return "its key is allowed by --allow";
        case Policy::Ruling::denied:
            return "its key is denied by --deny";
        case Policy::Ruling::needs_lane:
            return "it is about file descriptors, and none came with it or they cannot be passed "
                   "on";
        case Policy::Ruling::names_process:
            return "its pid would mean another process on the host; see --main-pid=translate and "
                   "--allow";
        case Policy::Ruling::changes_manager:
            return "its key changes how systemd treats the unit; see --allow";
        case Policy::Ruling::is_barrier:
            return "BARRIER=1 must be alone and have one file descriptor";
        case Policy::Ruling::has_no_key:
            return "it has no key";
        case Policy::Ruling::unknown:
            break;
    }
    return "its key is not in sd_notify(3); see --allow";
}

bool needs_lane(const notify::Message& message, std::size_t fds) {
    return message.has("FDSTOREREMOVE=1") || (fds > 0 && message.has("FDSTORE=1"));
}

void Policy::allow(std::string_view key) {
    allowed_.emplace(key);
    denied_.erase(std::string(key));
}

void Policy::deny(std::string_view key) {
    denied_.emplace(key);
    allowed_.erase(std::string(key));
}

Policy::Ruling Policy::rule(const notify::Tag& tag, bool fds_cross) const {
    if (tag.key == Key::barrier)
        return Ruling::is_barrier;
    // No option can name an assignment without a key.
    if (tag.text.find('=') == tag.text.npos)
        return Ruling::has_no_key;
    const auto is_in = [&](const auto& set) {
        return set.contains(tag.name()) || (tag.key == Key::extension && set.contains("X_"));
    };
    if (is_in(denied_))
        return Ruling::denied;
    return is_in(allowed_) ? Ruling::allowed : rule_by_default(tag.key, fds_cross);
}

}  // namespace notifybridge::relay
