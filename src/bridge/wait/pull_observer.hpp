#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/event/deadline.hpp"
#include "base/process/supervisor.hpp"
#include "bridge/wait/pull_watch.hpp"

namespace notifybridge::wait {

/// Finds out whether the supervisor's command, a container manager, pulls an image. This needs
/// rights that `wait` gives up later: to start a process, and to look up other processes in /proc.
class PullObserver {
public:
    /// `question` is a command that asks the manager for the image. The command exits with 0 if the
    /// manager has the image, and with 1 if not.
    PullObserver(event::Loop& loop, process::Supervisor& supervisor,
                 std::vector<std::string> question, PullWatch::Options options);

    /// Called with a new message for the service manager.
    std::function<void(const PullWatch::Step&)> on_message;
    /// Called when there is nothing left to observe.
    std::function<void()> on_over;

    /// Begins to observe. Call this after the command was started in `environment`.
    void begin(const process::Environment& environment);

    /// Each function calls the function of the same name in PullWatch.
    void end();
    void give_up();

    bool is_pulling() const { return watch_.is_pulling(); }

    /// Returns "podman to pull IMAGE", which a terminal shows after "waiting for".
    std::string what() const { return watch_.what(); }

private:
    void look();
    void ask();
    void perform(const PullWatch::Step& step);

    process::Supervisor& supervisor_;
    std::vector<std::string> question_;
    process::Environment environment_;
    PullWatch watch_;
    event::Deadline timer_;
    pid_t asking_ = -1;
    bool is_over_ = false;
};

}  // namespace notifybridge::wait
