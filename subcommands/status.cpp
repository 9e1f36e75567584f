#include "process/exit_status.hpp"
#include "subcommands.hpp"
namespace notifybridge {
namespace {
constexpr cli::Option options[] = {cli::help_option};
constexpr cli::Usage usage = {"status", "[OPTIONS] [SHARED_DIR]",
                              "Shows what goes on in a shared directory.", options, ""};
int run_status(const cli::Invocation&) {
    return 1;
}
}  // namespace
const cli::Subcommand status_subcommand = {usage, "", run_status, 1};
}  // namespace notifybridge
