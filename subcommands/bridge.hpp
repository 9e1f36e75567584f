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

/// Warns where systemd drops what this process says, as far as that can be seen from here.
void warn_of_main_process();

/// `policy` with what --allow and --deny change.
relay::Policy changed_policy(relay::Policy policy, const cli::Arguments& arguments);

/// What --explain shows: a line for each reason; nothing without that option.
std::unique_ptr<relay::Reasons> shown_reasons(const cli::Arguments& arguments);

/// The shared directory by its whole path, which goes to a command. Throws channel::DirectoryError.
std::string whole_path(const std::string& shared_directory);

/// Removes directories that have the name of one of our files, and warns of each.
void remove_obstacles(system::Fd directory, const std::string& shared_directory);

/// Calls `act`, which makes our files in the shared directory. Where the directory does not take
/// them, throws channel::DirectoryError, which names it, in place of std::system_error.
void make_files(const std::string& shared_directory, const std::function<void()>& act);

/// Throws std::runtime_error where fewer files may be open than this end needs: so many `more` than
/// one with one shared directory.
void require_descriptors(std::size_t more);

/// Throws std::runtime_error where /proc is not mounted or may not be looked at.
void require_proc();

/// Logs that a command could not be started, and why; returns the exit status for it.
process::ExitStatus report_spawn_failure(const std::string& program, const std::error_code& error,
                                         std::string_view advice);

/// Runs the loop to its end. Where it throws, sends SIGTERM to the command, which has no bridge any
/// more, and throws on.
void run_beside_command(event::Loop& loop, process::Supervisor& supervisor);

/// Parses the command line, sets the log up, runs, and ends this process as what it ran did.
int run_end_of_bridge(const cli::Usage& usage, const cli::Invocation& invocation,
                      const std::function<process::ExitStatus(const cli::Arguments&)>& run);

}  // namespace notifybridge
