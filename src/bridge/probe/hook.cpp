#include "bridge/probe/hook.hpp"

#include <algorithm>

#include "base/util/escape.hpp"
#include "base/util/log.hpp"

namespace notifybridge::probe {

using util::Severity;
using util::Topic;

Hook::Hook(event::Loop& loop, process::Supervisor& supervisor, std::string option,
           std::string command, std::chrono::microseconds limit)
    : loop_(loop),
      option_(std::move(option)),
      script_(loop, supervisor, std::move(command)),
      limit_(limit),
      ended_(loop) {}

void Hook::run(process::Environment environment) {
    if (std::exchange(began_, true))
        return;
    running_ = true;
    environment_ = std::move(environment);
    util::log(Severity::info, Topic::process, "running the command of ", option_);
    loop_.spawn([this] { return run_to_end(); });
}

event::Awaitable<> Hook::run_to_end() {
    const Script::Outcome outcome =
        co_await script_.run(std::move(environment_), limit_, Script::Output::logged);
    if (!outcome.success())
        util::log(Severity::warning, Topic::process, "the command of ", option_, ' ',
                  util::escape(describe(outcome)));
    running_ = false;
    ended_.raise();
}

void Hook::hurry(std::chrono::microseconds limit) {
    limit_ = std::min(limit_, limit);
    if (running_)
        script_.limit(limit_);
}

event::Awaitable<> Hook::finished() {
    while (running_)
        co_await ended_.wait();
}

}  // namespace notifybridge::probe
