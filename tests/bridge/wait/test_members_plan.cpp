#include "bridge/wait/members_plan.hpp"

#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <optional>
#include <vector>

namespace notifybridge::wait {
namespace {

using process::ExitStatus;
using Numbers = std::vector<std::size_t>;
using End = std::optional<ExitStatus>;

constexpr std::size_t lowest = 0;
constexpr std::size_t middle = 1;
constexpr std::size_t highest = 2;

const ExitStatus clean = ExitStatus::exited(0);
const ExitStatus failed = ExitStatus::exited(3);
const ExitStatus asked = ExitStatus::killed(SIGTERM);

struct Trio {
    MembersPlan plan{{"db", "web", "proxy"}, 0};

    void all_begin() {
        for (const std::size_t member : {lowest, middle, highest})
            plan.run_began(member);
    }

    /// Returns how the unit ends if its members end in these ways, one after the other.
    End end_of(End one, End two, End three) {
        all_begin();
        plan.run_ended(lowest, one);
        plan.run_ended(middle, two);
        plan.run_ended(highest, three);
        return plan.end();
    }
};

struct Alone {
    MembersPlan plan{{""}, 0};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(members_plan)

BOOST_FIXTURE_TEST_CASE(a_unit_ends_when_each_member_has_run_and_ended, Trio) {
    BOOST_TEST(!plan.becomes_over());
    plan.run_began(lowest);
    plan.run_ended(lowest, clean);
    BOOST_TEST(!plan.becomes_over());
    plan.run_began(middle);
    plan.run_began(highest);
    plan.run_ended(highest, clean);
    BOOST_TEST(!plan.becomes_over());
    plan.run_ended(middle, clean);
    BOOST_TEST(plan.becomes_over());
    BOOST_TEST(!plan.becomes_over());
}

BOOST_FIXTURE_TEST_CASE(members_without_a_run_do_not_outlive_the_command, Trio) {
    plan.run_began(lowest);
    plan.no_run_follows();
    BOOST_TEST(!plan.becomes_over());
    plan.run_ended(lowest, clean);
    BOOST_TEST(plan.becomes_over());
}

BOOST_FIXTURE_TEST_CASE(a_unit_that_had_no_run_never_ends, Trio) {
    plan.no_run_follows();
    BOOST_TEST(!plan.becomes_over());
}

BOOST_FIXTURE_TEST_CASE(a_unit_ends_again_after_another_run_of_a_member, Trio) {
    end_of(clean, clean, clean);
    BOOST_TEST(plan.becomes_over());
    plan.run_began(middle);
    BOOST_TEST(!plan.becomes_over());
    plan.run_ended(middle, clean);
    BOOST_TEST(plan.becomes_over());
}

BOOST_AUTO_TEST_CASE(the_first_failed_member_decides_how_the_unit_ends) {
    BOOST_TEST((Trio().end_of(clean, clean, clean) == clean));
    BOOST_TEST((Trio().end_of(clean, failed, ExitStatus::exited(4)) == failed));
    BOOST_TEST((Trio().end_of(failed, std::nullopt, clean) == failed));
    BOOST_TEST((Trio().end_of(clean, std::nullopt, failed) == End()));
}

BOOST_AUTO_TEST_CASE(a_failed_member_counts_more_than_a_requested_end) {
    BOOST_TEST((Trio().end_of(asked, clean, clean) == asked));
    BOOST_TEST((Trio().end_of(asked, failed, clean) == failed));
    BOOST_TEST((Trio().end_of(ExitStatus::exited(143), clean, std::nullopt) == End()));
}

BOOST_FIXTURE_TEST_CASE(a_run_that_breaks_off_before_a_stop_is_ignored, Trio) {
    all_begin();
    plan.run_ended(lowest, std::nullopt);
    plan.run_ended(middle, clean);
    BOOST_TEST((plan.end() == End()));
    plan.stop_begins();
    plan.run_ended(highest, clean);
    BOOST_TEST((plan.end() == clean));
}

BOOST_FIXTURE_TEST_CASE(a_run_that_breaks_off_during_a_stop_counts, Trio) {
    all_begin();
    plan.stop_begins();
    plan.run_ended(lowest, std::nullopt);
    plan.stop_begins();
    BOOST_TEST((plan.end() == End()));
}

BOOST_FIXTURE_TEST_CASE(the_next_run_of_a_killed_member_counts, Trio) {
    all_begin();
    plan.run_ended(lowest, std::nullopt);
    plan.stop_begins();
    plan.run_began(lowest);
    plan.run_ended(lowest, failed);
    BOOST_TEST((plan.end() == failed));
}

BOOST_FIXTURE_TEST_CASE(a_stop_signal_goes_to_the_last_member_that_is_alive, Trio) {
    all_begin();
    BOOST_TEST((plan.signalled(SIGTERM, {true, true, true}) == Numbers{highest}));
    BOOST_TEST(plan.stop_signal() == SIGTERM);
    BOOST_TEST((plan.signalled(SIGINT, {true, true, false}) == Numbers{middle}));
    BOOST_TEST(plan.stop_signal() == SIGINT);
    BOOST_TEST((plan.signalled(SIGINT, {false, false, false}) == Numbers()));
    BOOST_TEST((MembersPlan::next_to_stop({true, false, false}) == std::optional(lowest)));
    BOOST_TEST(!MembersPlan::next_to_stop({false, false, false}).has_value());
}

BOOST_FIXTURE_TEST_CASE(signals_other_than_stop_signals_go_to_all_live_members, Trio) {
    all_begin();
    for (const int signal : {SIGHUP, SIGCONT, SIGKILL})
        BOOST_TEST((plan.signalled(signal, {true, false, true}) == Numbers{lowest, highest}));
    BOOST_TEST(plan.stop_signal() == 0);
}

BOOST_FIXTURE_TEST_CASE(a_unit_has_caught_up_when_its_last_member_has_caught_up, Trio) {
    BOOST_TEST(!plan.caught_up(middle));
    BOOST_TEST(!plan.caught_up(lowest));
    BOOST_TEST(!plan.caught_up(lowest));
    BOOST_TEST(plan.caught_up(highest));
}

BOOST_FIXTURE_TEST_CASE(a_unit_with_several_members_sends_its_own_messages, Trio) {
    BOOST_TEST(plan.voice() != nullptr);
    BOOST_TEST(plan.opening().text == "STATUS=waiting for db, web, proxy");
    all_begin();
    BOOST_TEST(plan.run_ended(middle, failed).text
               == "STATUS=web: exited with status 3; waiting for db, web, proxy");
    relay::Decision stopping;
    stopping.text = "STOPPING=1";
    plan.voice()->speak(lowest, stopping);
    BOOST_TEST(stopping.text == "");
    BOOST_TEST(plan.stop_begins().stopping);
}

BOOST_FIXTURE_TEST_CASE(a_resumed_member_alone_does_not_make_the_unit_ready, Trio) {
    notify::State ready;
    ready.phase = notify::Phase::ready;
    all_begin();
    relay::Decision message;
    BOOST_TEST((plan.run_resumed(lowest, ready, message) == notify::Phase::starting));
    plan.run_resumed(middle, ready, message);
    BOOST_TEST((plan.run_resumed(highest, ready, message) == notify::Phase::ready));
}

BOOST_FIXTURE_TEST_CASE(a_unit_with_one_container_sends_no_messages_of_its_own, Alone) {
    BOOST_TEST(plan.voice() == nullptr);
    BOOST_TEST(plan.opening().text == "");
    plan.run_began(0);
    notify::State said;
    said.phase = notify::Phase::stopping;
    relay::Decision message;
    BOOST_TEST((plan.run_resumed(0, said, message) == notify::Phase::stopping));
    BOOST_TEST(plan.stop_begins().text == "");
    BOOST_TEST(plan.run_ended(0, failed).text == "");
    BOOST_TEST(plan.becomes_over());
    BOOST_TEST((plan.end() == failed));
}

BOOST_FIXTURE_TEST_CASE(the_stop_of_a_single_container_needs_no_order, Alone) {
    plan.run_began(0);
    BOOST_TEST((plan.signalled(SIGTERM, {true}) == Numbers{0}));
    BOOST_TEST(plan.stop_signal() == 0);
    plan.run_ended(0, std::nullopt);
    plan.stop_begins();
    BOOST_TEST((plan.end() == End()));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wait
