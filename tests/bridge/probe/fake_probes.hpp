#pragma once

#include "base/event/timer.hpp"
#include "bridge/probe/probe.hpp"

namespace notifybridge::probe {

/// A probe with given results, which counts its checks.
class FakeProbe final : public Probe {
public:
    explicit FakeProbe(event::Loop& loop, std::string name = "fake")
        : Probe(std::move(name)), timer_(loop) {}

    event::Awaitable<Finding> check() override {
        ++checks;
        if (takes.count() > 0)
            co_await timer_.sleep(takes);
        Finding finding;
        finding.holds = checks >= holds_from && (fails_from == 0 || checks < fails_from);
        finding.reason = reason;
        finding.answered = answers;
        co_return finding;
    }

    int checks = 0;
    int holds_from = 1'000'000;  ///< The number of the first check that succeeds.
    int fails_from = 0;          ///< The number of the first later check that fails, or 0.
    std::string reason = "not yet";
    bool answers = true;  ///< Whether a check gets a result in time.
    std::chrono::microseconds takes{};

private:
    event::Timer timer_;
};

}  // namespace notifybridge::probe
