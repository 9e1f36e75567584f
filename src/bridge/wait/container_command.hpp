#pragma once

#include <memory>
#include <optional>
#include <string>

#include "bridge/runtime/image_of_command.hpp"
#include "bridge/runtime/manager_command.hpp"
#include "bridge/wait/container_killer.hpp"
#include "bridge/wait/pull_observer.hpp"
#include "bridge/wait/settings.hpp"

/// Reads facts from the words of the command if the command is a container manager.
namespace notifybridge::wait {

/// The command's image, and how to watch its pull.
struct Pull {
    runtime::ImageOfCommand image;
    PullWatch::Options options;
};

/// Returns the pull of the image that the command in `settings` starts. Returns nullopt if the
/// command does not name an image.
std::optional<Pull> pull_of(const Settings& settings);

/// Returns an observer of the pull. Returns nullptr if `pull_of` returns nullopt.
std::unique_ptr<PullObserver> make_pull_observer(const Settings& settings, event::Loop& loop,
                                                 process::Supervisor& supervisor);

/// Returns whether the command is a client, such as podman's, that copies a container's output to
/// our standard streams. Returns false at a terminal, because a user who detaches there wants no
/// more output.
bool shares_output(const Settings& settings);

/// Returns the container manager whose client the command is. Returns nullptr if the command is not
/// a client, or does not run one container.
const runtime::Manager* manager_of(const Settings& settings);

/// Returns whether the command starts its container only once. podman with --restart= starts the
/// container again, and its client stays attached.
bool starts_once(const Settings& settings);

/// Returns whether the container manager can kill the command's container for us.
bool can_kill_container(const Settings& settings);

/// Returns whether the container manager will write the container's id to a new file, so that we
/// can have this container removed. Call this before the command starts.
bool can_discard_container(const Settings& settings);

/// Returns whether the container manager has still to write the container's id to a new file.
bool awaits_container_id(const Settings& settings);

/// Returns whether the container manager removes the container at its end.
bool removes_container(const Settings& settings);

/// Returns an object that asks the manager to kill the container. Returns nullptr if the manager
/// cannot do this. `environment` is the environment of the command.
std::unique_ptr<ContainerKiller> make_container_killer(const Settings& settings,
                                                       process::Supervisor& supervisor,
                                                       const process::Environment& environment);

/// Warns about mistakes in the words of the command. The container manager would report these less
/// clearly, or not at all.
void warn_of_words(const Settings& settings);

}  // namespace notifybridge::wait
