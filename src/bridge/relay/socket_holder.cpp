#include "bridge/relay/socket_holder.hpp"

#include <string>

#include "base/process/proc.hpp"

namespace notifybridge::relay {
namespace {

/// Returns the first process of the pid namespace of `pid`: the nearest ancestor that is PID 1
/// there (NSpid in proc_pid_status(5)). If a process outside of the namespace has started `pid` in
/// it, returns `pid`. Returns nullopt if `pid` is in our own namespace.
std::optional<pid_t> first_process(pid_t pid) {
    for (pid_t each = pid; each > 1;) {
        const std::string pids = process::status_field(each, "NSpid");
        if (pids.find('\t') == pids.npos)
            return each == pid ? std::nullopt : std::optional(pid);
        if (pids.ends_with("\t1"))
            return each;
        each = process::parent_of(each).value_or(0);
    }
    return pid > 1 ? std::optional(pid) : std::nullopt;
}

}  // namespace

bool SocketHolder::accepts(pid_t pid) {
    if (holder_ && is_alive(*holder_))
        return false;
    holder_ = container_of(pid);
    return true;
}

std::optional<SocketHolder::Process> SocketHolder::container_of(pid_t pid) {
    const auto first = first_process(pid);
    const auto start = first ? process::start_time(*first) : std::nullopt;
    return start ? std::optional(Process{*first, *start}) : std::nullopt;
}

bool SocketHolder::is_alive(const Process& process) {
    return process::start_time(process.pid) == process.start_time
           && !process::is_ending(process.pid);
}

}  // namespace notifybridge::relay
