#include "init/ctl/run_program.hpp"

#include <sys/wait.h>

#include <cerrno>

#include "base/process/spawn.hpp"
#include "base/system/streams.hpp"

namespace notifybridge::ctl {

process::ExitStatus run_program(const std::vector<std::string>& arguments) {
    system::flush_out();
    process::Command command;
    command.arguments = arguments;
    command.environment = process::Environment::inherited();
    const pid_t child = process::spawn(command).pid;
    siginfo_t end{};
    while (::waitid(P_PID, static_cast<id_t>(child), &end, WEXITED) < 0 && errno == EINTR) {
    }
    return process::ExitStatus::of(end);
}

}  // namespace notifybridge::ctl
