#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/process/exit_status.hpp"
#include "subcommands.hpp"

namespace notifybridge {
namespace {

/// The least stack to start with, in bytes: four times the stack that `wrap` needs.
constexpr rlim_t least_stack = 128 * 1024;

/// Returns whether the stack is too small. Reports this with write(2) only, which needs little
/// stack.
bool lacks_stack() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_STACK, &limit) < 0 || limit.rlim_cur >= least_stack)
        return false;
    constexpr std::string_view sentence =
        "notifybridge: the stack is limited to less than 128 KiB; raise LimitSTACK= of the unit, "
        "or ulimit -s\n";
    // Ignores errors, because the exit status also shows the failure.
    [[maybe_unused]] const ssize_t written =
        ::write(STDERR_FILENO, sentence.data(), sentence.size());
    return true;
}

}  // namespace
}  // namespace notifybridge

int main(int argc, char* argv[]) {
    using namespace notifybridge;
    if (lacks_stack())
        return process::status_failed;
    constexpr std::array subcommands = {&wrap_subcommand,    &wait_subcommand, &run_subcommand,
                                        &runtime_subcommand, &send_subcommand, &status_subcommand,
                                        &init_subcommand,    &ctl_subcommand};
    const std::vector<std::string> arguments(argv, argv + argc);
    return cli::dispatch(subcommands, arguments);
}
