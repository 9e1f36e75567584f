#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/cli/dispatch.hpp"
#include "base/notify/address.hpp"
#include "base/process/supervisor.hpp"
#include "base/util/function_ref.hpp"
#include "bridge/relay/decision.hpp"

/// Functions for both ends of the bridge, `wrap` and `wait`.
namespace notifybridge {

/// Returns the service manager in $NOTIFY_SOCKET. Returns nullopt if the variable is not set.
/// Throws cli::UsageError if its value is not valid.
std::optional<notify::Address> manager_of_environment();

/// Returns `policy` with the changes by --allow and --deny.
relay::Policy changed_policy(relay::Policy policy, const cli::Arguments& arguments);

/// Returns the log of reasons for --explain. Returns null without that option.
std::unique_ptr<relay::Reasons> shown_reasons(const cli::Arguments& arguments);

/// Throws std::runtime_error if the limit of open files is too low. Each end needs a fixed number
/// of files for one shared directory, and `more` files in addition.
void require_descriptors(std::size_t more);

/// Throws std::runtime_error if /proc is not mounted or not accessible.
void require_proc();

/// Parses the command line, sets up the log and calls `run`. Ends this process with the status that
/// `run` returned.
int run_end_of_bridge(const cli::Usage& usage, const cli::Invocation& invocation,
                      util::FunctionRef<process::ExitStatus(const cli::Arguments&)> run);

}  // namespace notifybridge
