#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/system/accounts.hpp"
#include "bridge/wait/members.hpp"
#include "bridge/wait/settings.hpp"

/// Takes over the shared directories. Opens and locks them, and ends runs that an earlier `wait`
/// has left behind.
namespace notifybridge::wait {

/// Opens and locks the directory. Throws channel::DirectoryError if this fails, for example because
/// another `wait` has locked it.
system::UniqueFd open_shared_directory(const std::string& path, std::optional<system::Owner> owner);

/// Opens the directory of each member. If there are no members, `directory` belongs to the only
/// container.
std::vector<Member> open_members(const Settings& settings, system::Fd directory);

/// Claims a run that an earlier `wait` has left behind. If another program has started the run, we
/// must not end it, so this function throws channel::DirectoryError.
void claim_leftover(Members::Followed& followed);

/// Ends the claimed runs. Sends SIGKILL to each run that has not ended after `patience`.
event::Awaitable<> end_leftover_runs(Members& members, std::chrono::microseconds patience);

}  // namespace notifybridge::wait
