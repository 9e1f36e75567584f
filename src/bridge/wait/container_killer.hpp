#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/process/environment.hpp"
#include "base/process/supervisor.hpp"

namespace notifybridge::wait {

/// Makes a container manager stop, kill or remove a container, once. The constructor already starts
/// the process that will call the manager, because `wait` later gives up the right to start
/// programs.
class ContainerKiller {
public:
    enum class Request : char {
        kill,
        stop,
        /// Removes a container that was created, but not started. Only --cidfile identifies it: as
        /// no run has begun, the container with this name may not be ours.
        discard,
        /// Removes a container that has ended, unless its monitor does so.
        remove,
    };

    /// Returns the manager's command line, or an empty one if the manager cannot be asked. The
    /// started process calls this when it is asked.
    using Words = std::function<std::vector<std::string>(Request)>;

    /// `manager` is the manager's name for log messages. Throws std::system_error if the process
    /// cannot be started.
    ContainerKiller(process::Supervisor& supervisor, std::string manager, const Words& words,
                    const process::Environment& environment);

    /// Called with whether the manager did what it was asked to.
    std::function<void(bool has_succeeded)> on_end;

    /// Makes the process ask the manager. Does not wait for the result. Fails if the manager was
    /// asked before.
    void ask(Request request);

private:
    void fail(const std::string& why) const;
    void end(process::ExitStatus status) const;

    std::string manager_;
    system::UniqueFd start_;
    Request request_ = Request::kill;
};

}  // namespace notifybridge::wait
