#include "bridge/wrap/command_voice.hpp"

#include <utility>

namespace notifybridge::wrap {
namespace {

constexpr std::size_t most_others = 1024;

}  // namespace

void CommandVoice::follow(pid_t command) {
    if (const pid_t former = std::exchange(command_, command); former > 0)
        remember(former, processes_.start_time(former));
    others_.erase(command);
}

bool CommandVoice::includes(pid_t sender) {
    // A helper in one of the hooks of `wrap` may send its message with the pid of its parent,
    // `wrap`.
    if (sender == command_ || sender == processes_.own_pid())
        return true;
    if (sender <= 0)
        return false;  // The process is outside of our pid namespace.
    const std::uint64_t start_time = processes_.start_time(sender);
    if (const auto known = others_.find(sender); known != others_.end()) {
        if (has_ended(sender) || known->second == start_time)
            return false;
        others_.erase(known);
    }
    // Check the end last: a helper that ends during these checks no longer looks like a helper.
    if (processes_.is_helper_below(sender, command_) || has_ended(sender))
        return true;
    remember(sender, start_time);
    return false;
}

bool CommandVoice::has_ended(pid_t sender) const {
    return processes_.is_gone(sender) || processes_.is_ending(sender);
}

void CommandVoice::remember(pid_t other, std::uint64_t start_time) {
    if (others_.size() >= most_others)
        std::erase_if(others_, [this](const auto& each) { return processes_.is_gone(each.first); });
    if (others_.size() < most_others)
        others_.emplace(other, start_time);
}

}  // namespace notifybridge::wrap
