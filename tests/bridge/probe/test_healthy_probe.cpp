#include "bridge/probe/healthy_probe.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::probe {
namespace {

using channel::HealthState;

struct Probing {
    channel::Health health;
    HealthyProbe ready{health, Purpose::readiness};
    HealthyProbe alive{health, Purpose::liveness};

    Probing() { health.output = "connection refused"; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(healthy_probe, Probing)

BOOST_AUTO_TEST_CASE(an_app_with_starting_health_is_alive_but_not_ready) {
    BOOST_TEST(!ready.look().holds);
    BOOST_TEST(ready.look().reason == "connection refused");
    BOOST_TEST(alive.look().holds);
}

BOOST_AUTO_TEST_CASE(a_healthy_app_counts_as_ready_and_alive) {
    health.state = HealthState::healthy;
    BOOST_TEST(ready.look().holds);
    BOOST_TEST(alive.look().holds);
    BOOST_TEST(ready.look().reason.empty());
}

BOOST_AUTO_TEST_CASE(an_unhealthy_app_counts_as_neither_ready_nor_alive) {
    health.state = HealthState::unhealthy;
    BOOST_TEST(!ready.look().holds);
    BOOST_TEST(!alive.look().holds);
    BOOST_TEST(alive.look().reason == "connection refused");
}

BOOST_AUTO_TEST_CASE(the_healthy_probe_succeeds_after_a_call_of_tell) {
    int changes = 0;
    ready.on_change = [&] { ++changes; };
    ready.tell();
    BOOST_TEST(changes == 1);
    BOOST_TEST(ready.look().holds);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::probe
