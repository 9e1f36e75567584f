#include "bridge/wrap/wrap.hpp"

#include "base/process/title.hpp"
#include "bridge.hpp"
#include "bridge/runtime/own_command.hpp"
#include "subcommands.hpp"
#include "wrap_settings.hpp"

namespace notifybridge {
namespace {

int run_wrap(const cli::Invocation& invocation) {
    return run_end_of_bridge(wrap_usage, invocation, [](const cli::Arguments& arguments) {
        wrap::Settings settings = read_wrap_settings(arguments);
        // The check of an image may contain a password.
        process::hide_value("--health-cmd");
        return wrap::Wrap(std::move(settings)).run();
    });
}

}  // namespace

const cli::Subcommand wrap_subcommand = {
    wrap_usage, {runtime::wrapper_name}, run_wrap, process::status_failed};

}  // namespace notifybridge
