#include "relay/wait_plan.hpp"

namespace notifybridge::relay {
namespace {

using Action = WaitStep::Action;

/// A run that broke off has no status of its own.
WaitStep finish_like_the_run(const WaitFacts& facts) {
    return {Action::finish, facts.run_end.value_or(process::ExitStatus::exited(1))};
}

WaitStep next_step_with_command(const WaitFacts& facts) {
    if (!facts.command_end)
        return {Action::go_on, {}};
    if (facts.run == RunPhase::live)
        return {facts.command_end->success() ? Action::go_on : Action::stop_run, {}};
    if (facts.detached)
        return finish_like_the_run(facts);
    if (facts.command_end->success() && facts.run == RunPhase::none && !facts.grace_over)
        return {Action::await_run, {}};
    return {Action::finish, *facts.command_end};
}

}  // namespace

WaitStep next_step(const WaitFacts& facts) {
    if (facts.has_command)
        return next_step_with_command(facts);
    if (facts.run != RunPhase::ended || facts.keeps_attached)
        return {Action::go_on, {}};
    return finish_like_the_run(facts);
}

}  // namespace notifybridge::relay
