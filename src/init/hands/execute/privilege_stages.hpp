#pragma once

#include "init/hands/execute/launch.hpp"

/// Functions that change the privileges of a child. Each function returns true on success, or false
/// with errno set.
///
/// These functions only make system calls, because they run in the manager's memory. They make raw
/// system calls to change users and groups, because the functions of glibc would change all our
/// threads.
namespace notifybridge::execute {

bool set_groups(const Launch& launch);
bool drop_bounding_set(const Launch& launch);
/// Sets the ambient set of capabilities. `set_user` clears this set, so `raise_ambient_set` must be
/// called after `set_user` to set it again.
bool set_ambient_set(const Launch& launch);
bool set_user(const Launch& launch);
bool raise_ambient_set(const Launch& launch);
bool set_secure_bits(const Launch& launch);
bool set_no_new_privileges(const Launch& launch);

}  // namespace notifybridge::execute
