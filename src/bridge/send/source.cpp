#include "bridge/send/source.hpp"

#include <unistd.h>

#include <cerrno>
#include <limits>

#include "base/cli/log.hpp"
#include "base/process/caller.hpp"
#include "base/system/error.hpp"
#include "base/util/lenient_number.hpp"

namespace notifybridge::send {

pid_t find_source() {
    const process::ManagerPid manager = process::find_manager();
    if (!manager.warning.empty())
        cli::write_error_line(manager.warning);
    return process::choose_source(::getppid(), ::getpid(), manager.pid);
}

system::Result<pid_t> parse_main_pid(const std::string& text) {
    if (text.empty() || text == "auto")
        return find_source();
    if (text == "self")
        return ::getpid();
    if (text == "parent") {
        // The pid of the parent is 0 if our process was put into a container from outside.
        const pid_t parent = ::getppid();
        return parent > 0 ? system::Result<pid_t>(parent) : system::error_of(ESRCH);
    }
    const auto [pid, error] = util::read_lenient_unsigned(text);
    if (error != std::errc{})
        return system::error_of(static_cast<int>(error));
    if (pid == 0 || pid > std::numeric_limits<pid_t>::max())
        return system::error_of(ERANGE);
    return static_cast<pid_t>(pid);
}

}  // namespace notifybridge::send
