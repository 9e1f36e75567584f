#include "relay/policy.hpp"

#include <algorithm>

namespace notifybridge::relay {
namespace {

using notify::Key;

std::string_view key_text(const notify::Tag& tag) {
    return std::string_view(tag.text).substr(0, tag.text.find('='));
}

bool is_about_fds(Key key) {
    return key == Key::fd_store || key == Key::fd_store_remove || key == Key::fd_name
           || key == Key::fd_poll;
}

bool passes_by_default(Key key, bool fds_cross) {
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
            return true;
        case Key::fd_store:
        case Key::fd_store_remove:
        case Key::fd_name:
        case Key::fd_poll:
            return fds_cross;
        // These name processes by numbers of another namespace, or change who may speak.
        case Key::main_pid:
        case Key::main_pid_fd:
        case Key::main_pid_fd_id:
        case Key::notify_access:
        case Key::restart_reset:
        case Key::barrier:
        case Key::unknown:
            break;
    }
    return false;
}

}  // namespace

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

bool Policy::passes(const notify::Tag& tag) const {
    // Without a key nobody can have named it.
    if (tag.key == Key::barrier || tag.text.find('=') == tag.text.npos)
        return false;
    const auto is_in = [&](const auto& set) {
        return set.contains(key_text(tag)) || (tag.key == Key::extension && set.contains("X_"));
    };
    if (is_in(denied_))
        return false;
    return is_in(allowed_) || passes_by_default(tag.key, fds_cross_);
}

bool Policy::lets_through(const notify::Message& message, std::string_view assignment) const {
    return message.has(assignment)
           && passes({{}, std::string(assignment), notify::classify(assignment)});
}

Policy::Passage Policy::filter(std::string_view datagram, const notify::Message& message) const {
    Passage passage;
    for (const notify::Tag& tag : message.tags()) {
        if (!passes(tag)) {
            passage.refused.emplace_back(key_text(tag));
            continue;
        }
        if (!passage.text.empty())
            passage.text += '\n';
        passage.text += tag.raw;
        passage.says_of_fds = passage.says_of_fds || is_about_fds(tag.key);
    }
    if (passage.refused.empty())
        passage.text = datagram;
    return passage;
}

}  // namespace notifybridge::relay
