#include "relay/wait_plan.hpp"

#include <signal.h>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <ostream>

namespace notifybridge::relay {

using process::ExitStatus;
using Action = WaitStep::Action;

static std::ostream& boost_test_print_type(std::ostream& out, const WaitStep& step) {
    constexpr const char* actions[] = {"go on", "await a run", "stop the run", "finish"};
    return out << actions[static_cast<std::size_t>(step.action)] << " ("
               << process::describe(step.status) << ')';
}

namespace {

constexpr std::optional<ExitStatus> nothing;
const std::optional<ExitStatus> zero = ExitStatus::exited(0);
const std::optional<ExitStatus> three = ExitStatus::exited(3);
const std::optional<ExitStatus> terminated = ExitStatus::killed(SIGTERM);

struct Row {
    const char* story;
    WaitFacts facts;
    WaitStep step;

    friend std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.story; }
};

WaitFacts attached(RunPhase run, std::optional<ExitStatus> run_end = {}, bool keeps = false) {
    return {false, {}, false, false, keeps, run, run_end};
}

WaitFacts with_command(std::optional<ExitStatus> command_end, RunPhase run,
                       std::optional<ExitStatus> run_end = {}) {
    return {true, command_end, false, false, false, run, run_end};
}

WaitFacts detached(WaitFacts facts) {
    facts.detached = true;
    return facts;
}

WaitFacts after_grace(WaitFacts facts) {
    facts.grace_over = true;
    return facts;
}

WaitStep finish(ExitStatus status) {
    return {Action::finish, status};
}

const Row rows[] = {
    {"attached, no run yet", attached(RunPhase::none), {}},
    {"attached, the run lives", attached(RunPhase::live), {}},
    {"attached, the run ended", attached(RunPhase::ended, three), finish(*three)},
    {"attached, the run was killed", attached(RunPhase::ended, terminated), finish(*terminated)},
    {"attached, the run broke off", attached(RunPhase::ended), finish(ExitStatus::exited(1))},
    {"--keep, the run ended", attached(RunPhase::ended, three, true), {}},
    {"the command runs, no run yet", with_command(nothing, RunPhase::none), {}},
    {"the command runs, so does the run", with_command(nothing, RunPhase::live), {}},
    {"the command runs, the run ended", with_command(nothing, RunPhase::ended, zero), {}},
    {"podman run -d, its run lives", with_command(zero, RunPhase::live), {}},
    {"podman run -d, its run is yet to come",
     with_command(zero, RunPhase::none),
     {Action::await_run, {}}},
    {"the command exited 0 and no run came", after_grace(with_command(zero, RunPhase::none)),
     finish(*zero)},
    {"podman run -d, its run ended later", detached(with_command(zero, RunPhase::ended, three)),
     finish(*three)},
    {"podman run -d, its run broke off later", detached(with_command(zero, RunPhase::ended)),
     finish(ExitStatus::exited(1))},
    {"podman run, the run ended first", with_command(three, RunPhase::ended, three),
     finish(*three)},
    {"the command says otherwise than its run", with_command(zero, RunPhase::ended, three),
     finish(*zero)},
    {"the command failed, there was no run", with_command(three, RunPhase::none), finish(*three)},
    {"the command was killed, there was no run", with_command(terminated, RunPhase::none),
     finish(*terminated)},
    {"the command failed, its run lives",
     with_command(three, RunPhase::live),
     {Action::stop_run, {}}},
    {"the command was killed, its run lives",
     with_command(terminated, RunPhase::live),
     {Action::stop_run, {}}},
};

void for_all_facts(const std::function<void(const WaitFacts&)>& check) {
    for (int flags = 0; flags < 16; ++flags)
        for (const RunPhase run : {RunPhase::none, RunPhase::live, RunPhase::ended})
            for (const auto& command_end : {nothing, zero, three, terminated})
                for (const auto& run_end : {nothing, zero, three})
                    check({(flags & 1) != 0, command_end, (flags & 2) != 0, (flags & 4) != 0,
                           (flags & 8) != 0, run, run_end});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(wait_plan)

BOOST_DATA_TEST_CASE(the_next_step_follows_from_what_is_known, rows, row) {
    BOOST_TEST(next_step(row.facts) == row.step);
}

BOOST_AUTO_TEST_CASE(nothing_ends_while_the_command_or_the_run_goes_on) {
    for_all_facts([](const WaitFacts& facts) {
        if (facts.run == RunPhase::live || (facts.has_command && !facts.command_end))
            BOOST_TEST((next_step(facts).action != Action::finish));
    });
}

BOOST_AUTO_TEST_CASE(a_run_is_stopped_only_where_its_command_failed) {
    for_all_facts([](const WaitFacts& facts) {
        if (next_step(facts).action == Action::stop_run)
            BOOST_TEST((facts.has_command && !facts.command_end.value().success()
                        && facts.run == RunPhase::live));
    });
}

BOOST_AUTO_TEST_CASE(once_all_is_over_it_ends) {
    for_all_facts([](const WaitFacts& facts) {
        const bool command_is_over = facts.has_command && facts.command_end && facts.grace_over;
        const bool run_is_over = !facts.has_command && facts.run == RunPhase::ended;
        if ((command_is_over && facts.run != RunPhase::live)
            || (run_is_over && !facts.keeps_attached))
            BOOST_TEST((next_step(facts).action == Action::finish));
    });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::relay
