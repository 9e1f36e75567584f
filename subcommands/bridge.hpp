#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/cli/dispatch.hpp"
#include "base/notify/address.hpp"
#include "base/process/supervisor.hpp"
#include "bridge/relay/decision.hpp"

/// What `wrap` and `wait`, the two ends of the bridge, have in common.
namespace notifybridge {

/// The service manager that $NOTIFY_SOCKET names, if it is set. Throws cli::UsageError.
std::optional<notify::Address> manager_of_environment();

/// `policy` with what --allow and --deny change.
relay::Policy changed_policy(relay::Policy policy, const cli::Arguments& arguments);

/// What --explain shows: a line for each reason; nothing without that option.
std::unique_ptr<relay::Reasons> shown_reasons(const cli::Arguments& arguments);

/// Throws std::runtime_error where fewer files may be open than this end needs: so many `more` than
/// one with one shared directory.
void require_descriptors(std::size_t more);

/// Throws std::runtime_error where /proc is not mounted or may not be looked at.
void require_proc();

/// Parses the command line, sets the log up, runs, and ends this process as what it ran did.
int run_end_of_bridge(const cli::Usage& usage, const cli::Invocation& invocation,
                      const std::function<process::ExitStatus(const cli::Arguments&)>& run);

}  // namespace notifybridge
