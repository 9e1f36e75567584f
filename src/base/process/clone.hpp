#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "base/system/fd.hpp"

/// Creates children before they execute a program, and prepares descriptors for them.
namespace notifybridge::process {

/// A child. Its pid stays its own until we reap it, so we can wait for it by pid.
struct Child {
    pid_t pid = -1;
    system::UniqueFd pidfd;  ///< Empty if pidfds do not exist, as in gVisor.
};

/// The stack of a child until it executes a program, with room for the path that execvpe builds
/// there. Many children can use one stack, because each has left it before we continue. The
/// constructor throws std::system_error.
class ChildStack {
public:
    ChildStack();
    ChildStack(const ChildStack&) = delete;
    ChildStack& operator=(const ChildStack&) = delete;
    ~ChildStack();

    void* top() const;
    void* base() const { return base_; }

private:
    void* base_;
};

/// Starts a child that runs `body(argument)` and exits with its result. It shares our memory and
/// suspends us until it executes a program or exits (vfork(2)). So it is cheap, we see what it
/// writes, and it must never wait for others. `body` may only make system calls, without
/// allocations or locks. All signals are blocked in the child. Throws std::system_error.
Child clone_child(int (*body)(void*), void* argument, const ChildStack& stack = ChildStack());

/// Like `clone_child`, but starts the child in the control group (version 2) with directory `group`
/// (CLONE_INTO_CGROUP). Moving itself there through cgroup.procs would take a child 8 to 20 ms on
/// an idle machine, until all processors have passed the scheduler. Returns nullopt without a
/// group, before Linux 5.7, or if a container's filter or the group itself refuses it.
std::optional<Child> clone_child_into(system::Fd group, int (*body)(void*), void* argument,
                                      const ChildStack& stack);

/// Starts a child that runs `body` in a copy of our memory and exits with its result, or with 125
/// if it throws. It may wait and allocate, but costs more than `clone_child`. All signals are
/// blocked in it. Throws std::system_error.
Child fork_child(const std::function<int()>& body);

/// A descriptor for a child, and its number there.
struct PlacedFd {
    system::UniqueFd fd;
    int number;
};

/// Copies `fds` to numbers above all target numbers, so that none is overwritten before its turn.
/// Throws std::system_error.
std::vector<PlacedFd> copy_for_placing(const std::vector<std::pair<system::Fd, int>>& fds);

}  // namespace notifybridge::process
