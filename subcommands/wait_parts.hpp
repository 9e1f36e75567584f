#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bridge/wait/members.hpp"
#include "bridge/wait/pull_observer.hpp"
#include "wait_settings.hpp"

/// What `wait` is put together of.
namespace notifybridge {

/// Opens the directory. Throws channel::DirectoryError where another `wait` has it.
system::UniqueFd open_shared_directory(const std::string& path, std::optional<system::Owner> owner);

/// The unit's only container has the whole `directory`, and each of several one in it.
std::vector<wait::Member> open_members(const WaitSettings& settings, system::Fd directory);

/// Nothing where it cannot be known whether the command pulls an image.
std::unique_ptr<wait::PullObserver> make_pull_observer(const WaitSettings& settings,
                                                       event::Loop& loop,
                                                       process::Supervisor& supervisor);

}  // namespace notifybridge
