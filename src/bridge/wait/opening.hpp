#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/system/accounts.hpp"
#include "bridge/wait/members.hpp"
#include "bridge/wait/settings.hpp"

/// Takes the shared directories over: opens and locks them, and ends the runs that an earlier
/// `wait` left behind in them.
namespace notifybridge::wait {

/// Opens and locks the directory. Throws channel::DirectoryError if another `wait` has it.
system::UniqueFd open_shared_directory(const std::string& path, std::optional<system::Owner> owner);

/// Opens the directory of each member. Without members, the only container has the whole
/// `directory`.
std::vector<Member> open_members(const Settings& settings, system::Fd directory);

/// Claims a run that an earlier `wait` left behind. Throws channel::DirectoryError if the run was
/// started by other means, because we must not end it then.
void look_for_leftover(Members::Followed& followed);

/// Ends the claimed runs. Gives each of them `patience` before SIGKILL.
event::Awaitable<> end_leftover_runs(Members& members, std::chrono::microseconds patience);

}  // namespace notifybridge::wait
