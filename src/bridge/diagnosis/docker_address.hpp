#pragma once

#include <sys/types.h>

#include <string>

namespace notifybridge::diagnosis {

/// Returns the address of the dockerd that a unit uses, or an empty text for the machine's dockerd.
/// `user` is the user whose manager has the unit, 0 for the system's manager. `docker_host` is
/// DOCKER_HOST of the unit. If it is empty, docker's context counts, but only that of our own user.
std::string docker_address_for(uid_t user, const std::string& docker_host);

/// The directory of the users' $XDG_RUNTIME_DIR. A user's dockerd has its socket there.
inline constexpr const char* users_directory = "/run/user";

/// Returns whether we may judge the dockerd at `address`, which a unit of `user` names. We trust
/// the machine's dockerd and our own one. Our own one has exactly the address
/// unix:///run/user/UID/docker.sock, because ".." in another text may lead to another user's
/// socket. Its socket and directory belong to us or to root. `places` replaces `users_directory` in
/// tests.
bool is_docker_trusted(uid_t user, const std::string& address,
                       const std::string& places = users_directory);

}  // namespace notifybridge::diagnosis
