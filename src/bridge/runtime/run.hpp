#pragma once

#include <string>
#include <vector>

#include "bridge/runtime/health_takeover.hpp"
#include "bridge/runtime/manager_command.hpp"
#include "bridge/runtime/published_ports.hpp"
#include "bridge/runtime/run_place.hpp"

namespace notifybridge::runtime {

/// The command of `run`, which is a container manager's command line. Adds arguments to the command
/// line that make the manager call our runtime. Each function throws Refusal on failure.
class Run {
public:
    /// Reads the command line, which must not be empty. Creates no files if `is_dry` is set.
    Run(std::vector<std::string> command, bool is_dry);

    const ManagerCommand& manager() const { return manager_; }

    /// Throws if the command line sets the variable that passes our options. If there are several
    /// --env with the same name, managers use the last one, and ours is not the last.
    void check_own_variable() const;

    /// Puts the options for the container's health check in front of `wrap_options`. So `wrap` runs
    /// the check instead of the manager. Does nothing if `wrap_options` is empty and the command
    /// line itself sets options of `wrap`.
    void take_over_health_check(std::vector<std::string>& wrap_options);

    /// Tells `wrap` which ports the command line publishes: by default, the container is ready when
    /// the app listens on them. Does nothing if `wrap_options` is empty and the command line itself
    /// sets options of `wrap`.
    void pass_ports(std::vector<std::string>& wrap_options) const;

    bool is_in_pod() const { return runtime::is_in_pod(command_, manager_); }

    /// Creates the place (RunPlace) if necessary. Returns the path for the shared directory in it.
    std::string shared_directory();

    /// Returns the container manager's command line with our arguments added.
    std::vector<std::string> whole_command();

    /// Warns if an option of `run` follows the image, because the manager passes such an option to
    /// the app.
    void warn_of_app_option() const;

    /// Logs warnings about settings that will not work.
    void warn() const;

    /// Removes the place, if one was created, unless a run is alive there.
    void finish() { place_.finish(); }

private:
    bool sets_own_variable() const;
    std::string place();
    std::string find_runtime();
    std::vector<std::string> hook_directories() const;
    std::string find_hook();
    std::string make_room_for_cidfile();
    ManagerWords words();

    std::vector<std::string> command_;
    ManagerCommand manager_;
    bool is_dry_;
    HealthTakeover health_;
    RunPlace place_;
};

}  // namespace notifybridge::runtime
