#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/system/accounts.hpp"
#include "bridge.hpp"
#include "bridge/wait/courier.hpp"

namespace notifybridge {

/// What `wait` was asked for, by options and environment; checked.
struct WaitSettings {
    std::string shared_directory;
    std::optional<system::Owner> owner;
    std::optional<notify::Address> manager;
    std::chrono::microseconds timeout{};
    std::chrono::microseconds stop_timeout{};
    bool until_ready = false;
    bool keep = false;
    bool stop = false;
    bool sandbox = true;
    relay::Policy policy;
    wait::Courier::Options courier;
    relay::NamedFds fds;
    std::unique_ptr<relay::Reasons> reasons;
    std::vector<std::string> command;
};

extern const cli::Usage wait_usage;

/// Reads `arguments`, of `wait_usage`, and the environment. Takes over the descriptors that systemd
/// passed to us. Throws cli::UsageError for what cannot be meant.
WaitSettings read_wait_settings(const cli::Arguments& arguments);

}  // namespace notifybridge
