#pragma once

#include <memory>

#include "bridge/wait/container_killer.hpp"
#include "bridge/wait/pull_observer.hpp"
#include "bridge/wait/settings.hpp"

/// Derives facts from the words of the command, if that is a container manager.
namespace notifybridge::wait {

/// Returns an observer of the image's pull; nullptr if the words do not tell the image.
std::unique_ptr<PullObserver> make_pull_observer(const Settings& settings, event::Loop& loop,
                                                 process::Supervisor& supervisor);

/// Returns whether the command is a podman client that copies a container's output to our standard
/// streams. Not at a terminal: somebody who detaches from a container there wants no more output.
bool shares_output(const Settings& settings);

/// Returns whether the container manager can be asked to kill the container of the command.
bool can_kill_container(const Settings& settings);

/// Returns an object that asks the manager to kill the container; nullptr if that is impossible.
/// `environment` is that of the command.
std::unique_ptr<ContainerKiller> make_container_killer(const Settings& settings,
                                                       process::Supervisor& supervisor,
                                                       const process::Environment& environment);

/// Warns about mistakes in the words of the command before the container manager reports them less
/// clearly, or not at all.
void warn_of_words(const Settings& settings);

}  // namespace notifybridge::wait
