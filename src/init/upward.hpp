#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "channel/container_status.hpp"
#include "notify/address.hpp"
#include "relay/channel_outlet.hpp"
#include "relay/straight_outlet.hpp"

namespace notifybridge::init {

/// What the whole says to the service manager of the host: by a shared directory, straight, or to
/// nobody. The same outlets as `wrap`'s.
class Upward {
public:
    struct Way {
        std::optional<std::string> shared_directory;
        std::optional<notify::Address> manager;
    };

    Upward(event::Loop& loop, const Way& way);

    /// Called when the host asks for the end, with the signal that it would have sent.
    std::function<void(int signal)> on_stop;

    /// Begins to do what takes its time, until the loop ends.
    void start();

    /// Says this as one datagram.
    void say(const std::string& assignments);

    /// Delivers what is queued, and records how the whole ended.
    event::Awaitable<> finish(process::ExitStatus end, std::chrono::microseconds patience);

private:
    event::Loop& loop_;
    channel::ContainerStatus status_;
    system::UniqueFd directory_;
    std::unique_ptr<relay::ChannelOutlet> channel_;
    std::unique_ptr<relay::StraightOutlet> straight_;
};

}  // namespace notifybridge::init
