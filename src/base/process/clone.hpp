#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "base/system/fd.hpp"

/// Children before they execute a program, and descriptors at the numbers that they get there.
namespace notifybridge::process {

/// Its number is its own until we reap it, so it can be waited for by that.
struct Child {
    pid_t pid = -1;
    system::UniqueFd pidfd;  ///< None where there are no such descriptors, as in gVisor.
};

/// What a child's calls are kept on until it executes a program, with room for the path that
/// execvpe puts together there. One will do for many: a child is off it before we go on. The
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

/// Starts a child that runs `body(argument)` and ends with what that returns. It has our memory,
/// and we are suspended until it executes a program or ends (vfork(2)): it costs nothing to make,
/// what it writes is seen here, and it must never wait for others. `body` may only make system
/// calls: nothing is allocated, nothing locked. All signals are blocked in it. Throws
/// std::system_error.
Child clone_child(int (*body)(void*), void* argument, const ChildStack& stack = ChildStack());

/// The same in the control group of version 2 whose directory is `group` (CLONE_INTO_CGROUP). To
/// move there by cgroup.procs, a child would wait until all processors have come by the scheduler:
/// 8 to 20 ms where not much else happens. Nothing where there cannot be such a child: without a
/// group, before Linux 5.7, or where a container's filter or the group itself refuses it.
std::optional<Child> clone_child_into(system::Fd group, int (*body)(void*), void* argument,
                                      const ChildStack& stack);

/// Starts a child that runs `body` in a copy of our memory and ends with what that returns, or with
/// 125 where it throws. It may wait and allocate; it costs more to make than `clone_child`'s. All
/// signals are blocked in it. Throws std::system_error.
Child fork_child(const std::function<int()>& body);

/// A descriptor for a child, and the number that it is to get there.
struct PlacedFd {
    system::UniqueFd fd;
    int number;
};

/// Copies of `fds`, all above the numbers that they are to get, so that none is overwritten before
/// its turn. Throws std::system_error.
std::vector<PlacedFd> copy_for_placing(const std::vector<std::pair<system::Fd, int>>& fds);

}  // namespace notifybridge::process
