#include "process/exit_status.hpp"
#include "subcommands.hpp"
namespace notifybridge {
namespace {
constexpr cli::Option options[] = {cli::help_option};
constexpr cli::Usage usage = {"send", "[OPTIONS] [VARIABLE=VALUE…]",
                              "Tells the service manager about a service, as systemd-notify does.",
                              options, ""};
int run_send(const cli::Invocation&) {
    return 1;
}
}  // namespace
const cli::Subcommand send_subcommand = {usage, "systemd-notify", run_send, 1};
}  // namespace notifybridge
