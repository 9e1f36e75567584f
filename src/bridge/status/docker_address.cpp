#include "bridge/status/docker_address.hpp"

#include <unistd.h>

#include "base/cli/settings.hpp"
#include "bridge/runtime/docker_context.hpp"

namespace notifybridge::status {

std::string docker_address_for(uid_t user, const std::string& docker_host) {
    if (!docker_host.empty() || user == 0 || user != ::geteuid())
        return docker_host;
    return runtime::docker_address(cli::variable_or_empty);
}

}  // namespace notifybridge::status
