#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/notify/address.hpp"
#include "base/system/accounts.hpp"
#include "bridge/relay/decision.hpp"
#include "bridge/runtime/docker_setup.hpp"
#include "bridge/wait/courier.hpp"

namespace notifybridge::wait {

/// The settings of `wait`, from its options and its environment. All values were checked.
struct Settings {
    std::string shared_directory;
    /// The names of the members; empty if there is only one container.
    std::vector<std::string> members;
    std::optional<system::Owner> owner;
    std::optional<notify::Address> manager;
    std::chrono::microseconds timeout{};
    std::chrono::microseconds stop_timeout{};
    bool until_ready = false;
    bool keep = false;
    bool stop = false;
    bool extends = true;
    bool sandbox = true;
    relay::Policy policy;
    Courier::Options courier;
    relay::NamedFds fds;
    std::unique_ptr<relay::Reasons> reasons;
    std::vector<std::string> command;
    /// The value of NOTIFYBRIDGE_OPTIONS for the command that `run` starts.
    std::optional<std::string> wrap_options;
    /// Whose dockerd docker uses, if its settings do not have our runtime. `Wait` reads these
    /// settings before it gives up the right to read them.
    std::optional<runtime::DockerOwner> unset_docker;
};

}  // namespace notifybridge::wait
