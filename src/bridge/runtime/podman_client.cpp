#include "bridge/runtime/podman_client.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include "base/process/environment.hpp"
#include "base/process/proc.hpp"
#include "base/system/pidfd.hpp"
#include "base/util/number.hpp"

namespace notifybridge::runtime {

std::vector<std::string> podman_of_runtime() {
    // podman tells conmon in this variable which descriptor is the socket to podman. conmon passes
    // the variable on to us.
    const auto number = util::parse_number<int>(
        process::environment_variable("_OCI_SYNCPIPE").value_or(std::string()));
    const auto conmon = system::open_pidfd(::getppid());
    if (!number || !conmon || !*conmon)
        return {};
    const auto socket = system::copy_descriptor(*conmon, *number);
    ucred creator{};
    socklen_t size = sizeof creator;
    if (!socket || ::getsockopt(socket->get(), SOL_SOCKET, SO_PEERCRED, &creator, &size) < 0
        || creator.pid <= 0)
        return {};
    return process::command_line(creator.pid);
}

std::vector<std::string> podman_of_hook() {
    return process::command_line(::getppid());
}

}  // namespace notifybridge::runtime
