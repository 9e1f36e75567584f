#pragma once

#include <sys/types.h>

#include <optional>
#include <utility>
#include <vector>

#include "base/system/fd.hpp"
#include "base/util/function_ref.hpp"

/// Creates child processes, and prepares the descriptors that they get.
namespace notifybridge::process {

/// A child process. The kernel does not reuse `pid` before we reap the child, so `pid` is enough to
/// wait for it.
struct Child {
    pid_t pid = -1;
    system::UniqueFd pidfd;  ///< A reference to the process; empty if the kernel has no pidfds, as
                             ///< in gVisor.
};

/// The stack of a child until it executes a program. execvpe builds a path and a list of arguments
/// on this stack. Several children can use one stack, because each child has left it before we
/// continue. The constructor throws std::system_error if memory is missing.
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

/// Starts a child that runs `body(argument)` and exits with its result. The child shares our
/// memory, and we are suspended until the child executes a program or exits (vfork(2)). So the
/// start is cheap, and the child's writes to memory are visible to us. The child must never wait
/// for other processes. `body` may only make system calls, without allocations or locks. All
/// signals are blocked in the child. Throws std::system_error if no child can be created.
Child clone_child(int (*body)(void*), void* argument, const ChildStack& stack = ChildStack());

/// Starts a child like `clone_child`, but in the control group (version 2) with directory `group`
/// (CLONE_INTO_CGROUP). A child could also move itself through cgroup.procs. But this takes 8 to 20
/// ms on an idle machine, because the kernel waits until all processors have run the scheduler
/// (RCU). Returns nullopt if `group` is empty, before Linux 5.7, or if a container's seccomp filter
/// or the group refuses the child.
std::optional<Child> clone_child_into(system::Fd group, int (*body)(void*), void* argument,
                                      const ChildStack& stack);

/// Starts a child that runs `body` in a copy of our memory. The child exits with the result of
/// `body`, or with 125 if `body` throws. `body` may wait and allocate. The start costs more than
/// with `clone_child`. All signals are blocked in the child. Throws std::system_error if no child
/// can be created.
Child fork_child(util::FunctionRef<int()> body);

/// A descriptor for a child, and its number in the child.
struct PlacedFd {
    system::UniqueFd fd;
    int number;
};

/// Copies the descriptors in `fds` to numbers above all target numbers. So when a copy is placed at
/// its target, it overwrites no other copy. Throws std::system_error on failure.
std::vector<PlacedFd> copy_for_placing(const std::vector<std::pair<system::Fd, int>>& fds);

}  // namespace notifybridge::process
