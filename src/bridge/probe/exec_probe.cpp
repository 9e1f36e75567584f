#include "bridge/probe/exec_probe.hpp"

namespace notifybridge::probe {

event::Awaitable<Finding> ExecProbe::check() {
    const Script::Outcome outcome =
        co_await script_.run(environment_, limit_, Script::Output::listened_to);
    Finding finding;
    finding.holds = outcome.success();
    if (!finding.holds)
        finding.reason = describe(outcome);
    co_return finding;
}

}  // namespace notifybridge::probe
