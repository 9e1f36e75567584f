#pragma once

#include <linux/sched.h>

namespace notifybridge::process {

/// Calls clone3(2). The child runs `body(argument)` on the stack in `arguments`, and exits with the
/// result. The C library's syscall(2) cannot do this, because its return address is on the old
/// stack. Returns the child's pid or a negative errno. Returns -ENOSYS on processors that we do not
/// support.
long clone_onto_stack(const clone_args& arguments, int (*body)(void*), void* argument);

}  // namespace notifybridge::process
