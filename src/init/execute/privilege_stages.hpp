#pragma once

#include "init/execute/launch.hpp"

/// Steps of a child that change its privileges. Each returns true on success, or false with errno
/// set. They only make system calls, as they run in the manager's memory. They change users and
/// groups by raw system calls: the functions of glibc would change all our threads.
namespace notifybridge::execute {

bool set_groups(const Launch& launch);
bool drop_bounding_set(const Launch& launch);
/// A change of the user clears the ambient set. `raise_ambient_set` restores it afterwards from the
/// inheritable set.
bool set_ambient_set(const Launch& launch);
bool set_user(const Launch& launch);
bool raise_ambient_set(const Launch& launch);
bool set_secure_bits(const Launch& launch);
bool set_no_new_privileges(const Launch& launch);

}  // namespace notifybridge::execute
