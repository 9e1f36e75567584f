#include "base/process/inherited_fds.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "base/process/environment.hpp"
#include "base/process/proc.hpp"
#include "base/util/number.hpp"

namespace notifybridge::process {

bool is_meant_for_us(std::string_view pid) {
    return is_pid1() || util::parse_number<pid_t>(pid) == ::getpid();
}

std::vector<system::Fd> inherited_fds() {
    constexpr int first = 3;
    const auto pid = environment_variable("LISTEN_PID");
    const auto count = environment_variable("LISTEN_FDS");
    std::vector<system::Fd> inherited;
    if (!pid || !count || !is_meant_for_us(*pid))
        return inherited;
    const int number = util::parse_number<int>(*count).value_or(0);
    // LISTEN_FDS may count more descriptors than are open.
    for (int fd = first; fd - first < number && ::fcntl(fd, F_GETFD) >= 0; ++fd)
        inherited.emplace_back(fd);
    return inherited;
}

std::vector<system::UniqueFd> take_inherited_fds() {
    std::vector<system::UniqueFd> taken;
    for (const system::Fd fd : inherited_fds()) {
        ::fcntl(fd.get(), F_SETFD, FD_CLOEXEC);
        taken.emplace_back(fd.get());
    }
    return taken;
}

}  // namespace notifybridge::process
