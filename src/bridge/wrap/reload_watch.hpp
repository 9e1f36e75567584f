#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/event/timer.hpp"
#include "bridge/probe/probe.hpp"

namespace notifybridge::wrap {

/// Waits until the conditions of --ready-when are met again after a SIGHUP of the command. Must
/// live until the loop ends.
class ReloadWatch {
public:
    explicit ReloadWatch(event::Loop& loop) : loop_(loop), pause_(loop) {}

    /// Called with the condition that is not met, if the reload takes long. Called with an empty
    /// text when all probes have succeeded.
    std::function<void(const std::string& unmet)> on_result;

    void add(std::unique_ptr<probe::Probe> probe) { probes_.push_back(std::move(probe)); }
    bool is_empty() const { return probes_.empty(); }

    /// Begins to check, with pauses of at most `longest_pause`. If it has already begun, begins
    /// again.
    void start(std::chrono::microseconds longest_pause);
    void stop();

private:
    using Clock = std::chrono::steady_clock;

    event::Awaitable<> run();
    event::Awaitable<std::string> find_unmet();

    event::Loop& loop_;
    event::Timer pause_;
    std::vector<std::unique_ptr<probe::Probe>> probes_;
    std::chrono::microseconds longest_pause_{};
    bool is_wanted_ = false;
    bool is_new_ = false;      ///< Whether `start` was called and `run` has not noticed it yet.
    bool is_running_ = false;  ///< Whether `run` runs.
};

}  // namespace notifybridge::wrap
