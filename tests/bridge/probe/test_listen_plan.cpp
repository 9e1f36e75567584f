#include "bridge/probe/listen_plan.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::probe {
namespace {

using namespace std::chrono_literals;

const Ports two = {80, 443};

}  // namespace

BOOST_AUTO_TEST_SUITE(listen_plan)

BOOST_AUTO_TEST_CASE(a_command_that_listens_gets_a_second_to_notify) {
    ListenPlan plan;
    BOOST_TEST(!plan.look(10s, two, two));
    BOOST_TEST(!plan.look(20s, two, {}));
    BOOST_TEST(!plan.look(20'999ms, two, {}));
    BOOST_TEST(plan.look(21s, two, {}));
    BOOST_TEST(plan.is_ready());
    BOOST_TEST(plan.given_up().empty());
}

BOOST_AUTO_TEST_CASE(the_second_begins_again_if_a_socket_was_closed) {
    ListenPlan plan;
    BOOST_TEST(!plan.look(1s, two, {}));
    BOOST_TEST(!plan.look(1'500ms, two, {80}));
    BOOST_TEST(!plan.look(1'600ms, two, {}));
    BOOST_TEST(!plan.look(2'500ms, two, {}));
    BOOST_TEST(plan.look(2'600ms, two, {}));
}

BOOST_AUTO_TEST_CASE(the_rest_of_the_ports_is_given_up_after_5_s) {
    ListenPlan plan;
    BOOST_TEST(!plan.look(1s, two, {443}));
    BOOST_TEST(!plan.look(5'999ms, two, {443}));
    BOOST_TEST(plan.look(6s, two, {443}));
    BOOST_TEST(plan.given_up() == Ports{443}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_port_that_opens_late_still_leaves_a_second) {
    ListenPlan early;
    BOOST_TEST(!early.look(0s, two, {443}));
    BOOST_TEST(!early.look(2s, two, {}));
    BOOST_TEST(early.look(3s, two, {}));
    ListenPlan late;
    BOOST_TEST(!late.look(0s, two, {443}));
    BOOST_TEST(!late.look(4'900ms, two, {}));
    BOOST_TEST(!late.look(5'899ms, two, {}));
    BOOST_TEST(late.look(5'900ms, two, {}));
    BOOST_TEST(late.given_up().empty());
}

BOOST_AUTO_TEST_CASE(a_temporary_server_does_not_begin_the_5_s) {
    ListenPlan plan;
    BOOST_TEST(!plan.look(0s, two, {443}));
    BOOST_TEST(!plan.look(2s, two, two));
    BOOST_TEST(!plan.look(4s, two, {443}));
    BOOST_TEST(!plan.look(8'999ms, two, {443}));
    BOOST_TEST(plan.look(9s, two, {443}));
}

BOOST_AUTO_TEST_CASE(only_its_own_ready_counts_for_a_command_that_has_spoken) {
    ListenPlan plan;
    BOOST_TEST(!plan.look(0s, two, {}));
    plan.app_spoke();
    BOOST_TEST(plan.has_spoken());
    BOOST_TEST(!plan.look(60s, two, {}));
    BOOST_TEST(!plan.is_ready());
}

BOOST_AUTO_TEST_CASE(a_message_after_readiness_changes_nothing) {
    ListenPlan plan;
    BOOST_TEST(!plan.look(0s, two, {}));
    BOOST_TEST(plan.look(1s, two, {}));
    plan.app_spoke();
    BOOST_TEST(plan.look(2s, two, two));
    BOOST_TEST(plan.is_ready());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::probe
