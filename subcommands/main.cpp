#include <array>
#include <string>
#include <vector>

#include "subcommands.hpp"

int main(int argc, char* argv[]) {
    using namespace notifybridge;
    const std::array subcommands = {wrap_subcommand,    wait_subcommand, run_subcommand,
                                    runtime_subcommand, send_subcommand, status_subcommand,
                                    init_subcommand,    ctl_subcommand};
    const std::vector<std::string> arguments(argv, argv + argc);
    return cli::dispatch(subcommands, arguments);
}
