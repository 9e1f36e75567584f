#include "bridge/runtime/podman_watchdog.hpp"

#include <unistd.h>

#include <cstdint>

#include "base/process/proc.hpp"
#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"

namespace notifybridge::runtime {

std::string podman_watchdog(Variables variables) {
    const std::string period = variables("WATCHDOG_USEC");
    const std::string owner = variables("WATCHDOG_PID");
    const auto pid = util::parse_number<pid_t>(owner);
    const auto usec = util::parse_number<std::uint64_t>(period);
    if (!pid || *pid <= 0 || !usec || *usec == 0
        || system::text_of(util::concat("/proc/", *pid, "/comm")) != "podman\n")
        return {};
    return util::concat(*usec);
}

std::string podman_watchdog_of_hook() {
    const std::string environ = process::environ_of(::getppid());
    return podman_watchdog([&](std::string_view name) {
        return std::string(process::variable_in(environ, name).value_or(""));
    });
}

}  // namespace notifybridge::runtime
