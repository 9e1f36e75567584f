#pragma once

#include "bridge/probe/probe.hpp"
#include "bridge/probe/script.hpp"

namespace notifybridge::probe {

/// A probe that runs a command, and succeeds if it exits with status 0 within the time limit.
class ExecProbe final : public Probe {
public:
    ExecProbe(event::Loop& loop, process::Supervisor& supervisor, std::string description,
              std::string command, process::Environment environment,
              std::chrono::microseconds limit)
        : Probe(std::move(description)),
          script_(loop, supervisor, std::move(command)),
          environment_(std::move(environment)),
          limit_(limit) {}

    event::Awaitable<Finding> check() override {
        const Script::Outcome outcome =
            co_await script_.run(environment_, limit_, Script::Output::last_error);
        Finding finding;
        finding.holds = outcome.success();
        finding.answered = !outcome.timed_out;
        if (!finding.holds)
            finding.reason = describe(outcome);
        co_return finding;
    }

private:
    Script script_;
    process::Environment environment_;
    std::chrono::microseconds limit_;
};

}  // namespace notifybridge::probe
