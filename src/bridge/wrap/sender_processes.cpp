#include "bridge/wrap/sender_processes.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>
#include <vector>

#include "base/process/descendants.hpp"
#include "base/process/proc.hpp"
#include "base/util/base_name.hpp"

namespace notifybridge::wrap {
namespace {

bool is_helper(pid_t pid) {
    const std::vector<std::string> words = process::command_line(pid);
    if (words.empty())
        return false;
    const std::string_view name = util::base_name(words.front());
    return name == "systemd-notify"
           || (name.ends_with("notifybridge") && words.size() > 1 && words[1] == "send");
}

bool waits_for_helper(pid_t pid) {
    return std::ranges::any_of(process::descendants(pid), [pid](pid_t child) {
        return process::parent_of(child) == pid && is_helper(child);
    });
}

class RealProcesses final : public SenderProcesses {
public:
    pid_t own_pid() const override { return ::getpid(); }

    bool is_gone(pid_t pid) const override { return ::kill(pid, 0) != 0 && errno == ESRCH; }

    bool is_ending(pid_t pid) const override { return process::is_ending(pid); }

    std::uint64_t start_time(pid_t pid) const override {
        return process::start_time(pid).value_or(0);
    }

    bool is_descendant(pid_t pid, pid_t command) const override {
        return process::is_below(pid, command) || process::is_below(pid, ::getpid());
    }

    bool is_helper_below(pid_t pid, pid_t command) const override {
        return is_descendant(pid, command) && (is_helper(pid) || waits_for_helper(pid));
    }
};

}  // namespace

const SenderProcesses& SenderProcesses::real() {
    static const RealProcesses processes;
    return processes;
}

}  // namespace notifybridge::wrap
