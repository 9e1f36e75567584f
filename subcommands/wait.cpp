#include "bridge/wait/wait.hpp"

#include "bridge.hpp"
#include "bridge/channel/preparation.hpp"
#include "bridge/guest/guest.hpp"
#include "bridge/runtime/own_command.hpp"
#include "guest_settings.hpp"
#include "subcommands.hpp"
#include "wait_settings.hpp"

namespace notifybridge {
namespace {

/// A member needs a directory, the files "host" and journal, a watch, a barrier and a descriptor
/// lane.
constexpr std::size_t files_of_a_member = 6;

int run_wait(const cli::Invocation& invocation) {
    return run_end_of_bridge(wait_usage, invocation, [](const cli::Arguments& arguments) {
        if (is_for_guest(arguments))
            return guest::Guest(read_guest_settings(arguments)).run();
        return wait_for(read_wait_settings(arguments));
    });
}

}  // namespace

process::ExitStatus wait_for(wait::Settings settings) {
    require_proc();
    if (!settings.members.empty())
        require_descriptors((settings.members.size() - 1) * files_of_a_member);
    // Make the path absolute now, because the sandbox forbids asking for the working directory.
    settings.shared_directory = channel::absolute_path(settings.shared_directory);
    settings.courier.unit.listen_fds = settings.fds.fds.size();
    return wait::Wait(std::move(settings)).run();
}

const cli::Subcommand wait_subcommand = {
    wait_usage, {runtime::waiter_name}, run_wait, process::status_failed};

}  // namespace notifybridge
