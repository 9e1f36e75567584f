#pragma once

#include <linux/sched.h>

namespace notifybridge::process {

/// clone3(2) of a child that runs `body(argument)` on the stack that `arguments` has, and ends with
/// what that returns. The C library's syscall(2) cannot make it: what it returns to is on the old
/// stack. Returns the child's pid, or the negative of an errno; ENOSYS where we do not know how to
/// call it on this kind of processor.
long clone_onto_stack(const clone_args& arguments, int (*body)(void*), void* argument);

}  // namespace notifybridge::process
