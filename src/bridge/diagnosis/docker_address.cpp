#include "bridge/diagnosis/docker_address.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "base/cli/settings.hpp"
#include "base/util/concat.hpp"
#include "bridge/runtime/docker_context.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;

/// Returns whether a user other than us and root owns the file. A missing file has no owner.
bool is_of_other_user(const std::string& path) {
    struct stat status;
    return ::lstat(path.c_str(), &status) == 0 && status.st_uid != 0
           && status.st_uid != ::geteuid();
}

}  // namespace

std::string docker_address_for(uid_t user, const std::string& docker_host) {
    if (!docker_host.empty() || user == 0 || user != ::geteuid())
        return docker_host;
    return runtime::docker_address(cli::variable_or_empty);
}

bool is_docker_trusted(uid_t user, const std::string& address, const std::string& places) {
    // Another user's context is not known, and any user may write an address into a unit.
    if (user != 0 && user != ::geteuid())
        return address == "unix:///run/docker.sock" || address == "unix:///var/run/docker.sock";
    if (!address.starts_with(concat("unix://", places, '/')))
        return true;
    const std::string directory = concat(places, '/', ::geteuid());
    const std::string socket = concat(directory, "/docker.sock");
    return address == concat("unix://", socket) && !is_of_other_user(directory)
           && !is_of_other_user(socket);
}

}  // namespace notifybridge::diagnosis
