#pragma once

#include <sys/types.h>

#include <string>

namespace notifybridge::status {

/// Returns the address of the dockerd that a unit uses, or an empty text for the machine's dockerd.
/// `user` is the user whose manager has the unit, 0 for the system's manager. `docker_host` is
/// DOCKER_HOST of the unit. If it is empty, docker's context counts, but only that of our own user.
std::string docker_address_for(uid_t user, const std::string& docker_host);

}  // namespace notifybridge::status
