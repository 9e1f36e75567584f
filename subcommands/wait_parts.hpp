#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bridge/wait/container_killer.hpp"
#include "bridge/wait/members.hpp"
#include "bridge/wait/pull_observer.hpp"
#include "wait_settings.hpp"

/// What `wait` is put together of.
namespace notifybridge {

/// Opens the directory. Throws channel::DirectoryError where another `wait` has it.
system::UniqueFd open_shared_directory(const std::string& path, std::optional<system::Owner> owner);

/// The unit's only container has the whole `directory`, and each of several one in it.
std::vector<wait::Member> open_members(const WaitSettings& settings, system::Fd directory);

/// A directory has one run at a time. Claims one that an earlier `wait` has left behind; throws
/// channel::DirectoryError for one that nobody started by a command like ours: it is not ours to
/// end.
void look_for_leftover(wait::Members::Followed& followed);

/// Ends the runs that were claimed. Throws channel::DirectoryError where one does not end within
/// `patience`.
event::Awaitable<> end_leftovers(wait::Members& members, std::chrono::microseconds patience);

/// Nothing where it cannot be known whether the command pulls an image.
std::unique_ptr<wait::PullObserver> make_pull_observer(const WaitSettings& settings,
                                                       event::Loop& loop,
                                                       process::Supervisor& supervisor);

/// Whether the command is a podman that writes a container's output to what we write to, where
/// nobody types: at a terminal, who detaches from a container wants no more of it.
bool shares_output(const WaitSettings& settings);

/// Whether a container manager can be asked to kill the container that the command makes.
bool can_kill_container(const WaitSettings& settings);

/// Returns what asks it; nullptr if that is not possible. `environment` is that of the command.
std::unique_ptr<wait::ContainerKiller> make_container_killer(
    const WaitSettings& settings, process::Supervisor& supervisor,
    const process::Environment& environment);

/// Warns of what is wrong with the words of the command, before the container manager says it in
/// its own words, or nobody does.
void warn_of_words(const WaitSettings& settings);

/// Why no `wrap` has come to the first container that never had one, and what to do: of a command
/// that has ended so, or still runs. Empty where each had one; what `wrap` itself has to say is in
/// its own log.
std::string why_no_wrap(const WaitSettings& settings, const wait::Members& members,
                        std::optional<process::ExitStatus> end = {});

/// What the containers last said of themselves; empty if nothing.
std::string last_status(const wait::Members& members);

}  // namespace notifybridge
