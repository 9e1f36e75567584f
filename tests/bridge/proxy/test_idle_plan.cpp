#include "bridge/proxy/idle_plan.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::proxy {
namespace {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(idle_plan)

BOOST_AUTO_TEST_CASE(the_proxy_is_not_idle_before_the_command_is_ready) {
    const IdlePlan plan(10s);
    BOOST_TEST(!plan.end());
}

BOOST_AUTO_TEST_CASE(the_idle_time_starts_when_the_command_is_ready) {
    IdlePlan plan(10s);
    plan.begin(5s);
    BOOST_TEST((plan.end() == 15s));
}

BOOST_AUTO_TEST_CASE(an_open_connection_prevents_the_timeout) {
    IdlePlan plan(10s);
    plan.begin(5s);
    plan.opened();
    plan.opened();
    BOOST_TEST(!plan.end());
    plan.closed(100s);
    BOOST_TEST(!plan.end());
}

BOOST_AUTO_TEST_CASE(a_connection_before_readiness_prevents_the_timeout) {
    IdlePlan plan(10s);
    plan.opened();
    plan.begin(5s);
    BOOST_TEST(!plan.end());
    plan.closed(7s);
    BOOST_TEST((plan.end() == 17s));
}

BOOST_AUTO_TEST_CASE(closing_the_last_connection_restarts_the_idle_time) {
    IdlePlan plan(10s);
    plan.begin(5s);
    plan.opened();
    plan.opened();
    plan.closed(20s);
    plan.closed(30s);
    BOOST_TEST((plan.end() == 40s));
    plan.opened();
    BOOST_TEST(!plan.end());
}

BOOST_AUTO_TEST_CASE(an_infinite_idle_timeout_never_ends) {
    IdlePlan plan(util::infinity);
    plan.begin(1us);
    BOOST_TEST(!plan.end());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::proxy
