#include "bridge/wrap/command_voice.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "base/process/descendants.hpp"
#include "base/process/proc.hpp"
#include "base/util/base_name.hpp"

namespace notifybridge::wrap {
namespace {

constexpr std::size_t most_others = 1024;

bool is_there(pid_t pid) {
    return ::kill(pid, 0) == 0 || errno != ESRCH;
}

bool is_helper(pid_t pid) {
    const std::vector<std::string> words = process::command_line(pid);
    if (words.empty())
        return false;
    const std::string_view name = util::base_name(words.front());
    return name == "systemd-notify"
           || (name.ends_with("notifybridge") && words.size() > 1 && words[1] == "send");
}

/// Returns whether the process waits for a helper. If it may, systemd-notify sends its parent's pid
/// instead of its own, and the parent can be a subshell of the command.
bool has_helper(pid_t pid) {
    return std::ranges::any_of(process::descendants(pid), [pid](pid_t child) {
        return process::parent_of(child) == pid && is_helper(child);
    });
}

/// Returns whether the process is below the command, or below us: we adopt what the command leaves
/// behind.
bool is_ours(pid_t pid, pid_t command) {
    return process::is_below(pid, command) || process::is_below(pid, ::getpid());
}

}  // namespace

void CommandVoice::follow(pid_t command) {
    if (const pid_t former = std::exchange(command_, command); former > 0)
        remember(former, process::start_time(former).value_or(0));
    others_.erase(command);
}

bool CommandVoice::includes(pid_t sender) {
    // A helper in a hook of ours has our own pid.
    if (sender == command_ || sender == ::getpid())
        return true;
    if (sender <= 0)
        return false;  // It is outside of our pid namespace.
    const bool is_gone = !is_there(sender) || process::is_ending(sender);
    const std::uint64_t start_time = process::start_time(sender).value_or(0);
    if (const auto known = others_.find(sender); known != others_.end()) {
        if (is_gone || known->second == start_time)
            return false;
        others_.erase(known);
    }
    if (is_gone || (is_ours(sender, command_) && (is_helper(sender) || has_helper(sender))))
        return true;
    remember(sender, start_time);
    return false;
}

void CommandVoice::remember(pid_t other, std::uint64_t start_time) {
    if (others_.size() >= most_others)
        std::erase_if(others_, [](const auto& each) { return !is_there(each.first); });
    if (others_.size() < most_others)
        others_.emplace(other, start_time);
}

}  // namespace notifybridge::wrap
