#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/event/deadline.hpp"
#include "base/process/supervisor.hpp"
#include "bridge/wait/image_lookup.hpp"
#include "bridge/wait/pull_watch.hpp"

namespace notifybridge::wait {

/// Finds out whether the supervisor's command, a container manager, pulls an image. This needs
/// rights that `wait` gives up later: to read the manager's files or connect to its socket, and to
/// look up other processes in /proc.
class PullObserver {
public:
    PullObserver(event::Loop& loop, process::Supervisor& supervisor,
                 std::unique_ptr<ImageLookup> image, PullWatch::Options options);

    /// Called with a new message for the service manager.
    std::function<void(const PullWatch::Step&)> on_message;
    /// Called once, when nothing is left for which rights are needed.
    std::function<void()> on_over;

    /// Begins to observe. Call this after the command was started.
    void begin();

    /// Each function calls the function of the same name in PullWatch.
    void end();
    void give_up();

    bool is_pulling() const { return watch_.is_pulling(); }

    /// Returns "podman to pull IMAGE", which a terminal shows after "waiting for".
    std::string what() const { return watch_.what(); }

private:
    event::Awaitable<> look();
    void perform(const PullWatch::Step& step);

    event::Loop& loop_;
    process::Supervisor& supervisor_;
    std::unique_ptr<ImageLookup> image_;
    PullWatch watch_;
    event::Deadline timer_;
    bool is_over_ = false;
};

}  // namespace notifybridge::wait
