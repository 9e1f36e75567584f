#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/event/deadline.hpp"
#include "base/process/supervisor.hpp"
#include "bridge/wait/pull_watch.hpp"

namespace notifybridge::wait {

/// Looks whether the supervisor's command, a container manager, pulls an image. That takes rights
/// that `wait` gives up later: to start a process, and to look at others in /proc.
class PullObserver {
public:
    /// `question` asks the manager for the image: status 0 where it is there, 1 where it is not.
    PullObserver(event::Loop& loop, process::Supervisor& supervisor,
                 std::vector<std::string> question, PullWatch::Options options);

    /// What the service manager is to be told.
    std::function<void(const PullWatch::Step&)> on_told;
    /// There is nothing to look at any more.
    std::function<void()> on_over;

    /// The command was started, in `environment`.
    void begin(const process::Environment& environment);

    /// As PullWatch does.
    void end();
    void give_up();

    bool is_pulling() const { return watch_.is_pulling(); }

    /// For people: "podman to pull IMAGE".
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
