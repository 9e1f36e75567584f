#pragma once

#include "init/execute/launch.hpp"

/// The steps of a unit's process to its program that change what it may do. Each returns whether it
/// was done, or leaves the reason in errno, and makes system calls only: it runs in the manager's
/// memory. Users and groups are changed by the plain calls, as glibc's change all our threads.
namespace notifybridge::execute {

bool set_groups(const Launch& launch);
bool drop_bounding_set(const Launch& launch);
/// Changing the user clears the ambient set: it is raised again from the inheritable one after.
bool set_ambient_set(const Launch& launch);
bool set_user(const Launch& launch);
bool raise_ambient_set(const Launch& launch);
bool set_secure_bits(const Launch& launch);
bool set_no_new_privileges(const Launch& launch);

}  // namespace notifybridge::execute
