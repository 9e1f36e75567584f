#include <boost/test/unit_test.hpp>

#include "world.hpp"

/// Tests a complete boot with the built-in units.
namespace notifybridge::manager {

using namespace test;
using unit::JobMode;

namespace {

void enable(World& world, const std::string& name) {
    world.files.files["/units/multi-user.target.wants/" + name] = "-> ../" + name;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(boot)

BOOST_AUTO_TEST_CASE(the_default_target_starts_after_enabled_units) {
    World world(true);
    world.add_default("a.service", "Requires=b.service\nAfter=b.service").add_default("b.service");
    enable(world, "a.service");
    world.actor("b.service").on_start = Plan::later;
    BOOST_TEST(world.start("default.target", JobMode::isolate) == "ok");
    BOOST_TEST(world.state("basic.target") == "active");
    BOOST_TEST(world.state("multi-user.target") == "inactive");
    world.move("b.service", ActiveState::active);
    BOOST_TEST(world.state("a.service") == "active");
    BOOST_TEST(world.state("multi-user.target") == "active");
    BOOST_TEST(world.engine.jobs().empty());
}

BOOST_AUTO_TEST_CASE(a_failed_unit_does_not_delay_other_units) {
    World world(true);
    world.add_default("a.service").add_default("b.service");
    enable(world, "a.service");
    enable(world, "b.service");
    world.actor("a.service").on_start = Plan::fails;
    world.start("default.target", JobMode::isolate);
    BOOST_TEST(world.state("multi-user.target") == "active");
    BOOST_TEST(world.state("b.service") == "active");
}

BOOST_AUTO_TEST_CASE(sockets_are_open_before_any_service_starts) {
    World world(true);
    world.add_default("a.service").add_default("b.socket").add_default("b.service");
    enable(world, "a.service");
    world.files.files["/units/sockets.target.wants/b.socket"] = "-> ../b.socket";
    world.actor("b.socket").on_start = Plan::later;
    world.start("default.target", JobMode::isolate);
    BOOST_TEST(world.state("a.service") == "inactive");
    world.move("b.socket", ActiveState::active);
    BOOST_TEST(world.state("a.service") == "active");
    BOOST_TEST(world.state("b.service") == "inactive");
}

BOOST_AUTO_TEST_CASE(an_exit_stops_all_units_in_order_before_the_end) {
    World world(true);
    world.add_default("a.service", "After=b.service").add_default("b.service");
    world.add("c.service", "FailureAction=exit");
    world.actor("systemd-exit.service").on_start = Plan::is_over;
    enable(world, "a.service");
    enable(world, "b.service");
    world.start("default.target", JobMode::isolate);
    world.start("c.service");
    world.actor("a.service").on_stop = Plan::later;
    world.move("c.service", ActiveState::failed);
    BOOST_TEST(world.state("a.service") == "deactivating");
    BOOST_TEST(world.state("b.service") == "active");
    BOOST_TEST(world.surroundings.ended.empty());
    BOOST_TEST(world.start("a.service") == "TransactionIsDestructive");
    world.move("a.service", ActiveState::inactive);
    BOOST_TEST(world.state("b.service") == "inactive");
    BOOST_TEST(join(world.surroundings.ended) == "8/7");
}

BOOST_AUTO_TEST_CASE(a_hanging_service_delays_a_poweroff_until_a_timeout) {
    World world(true);
    world.add_default("a.service");
    world.start("a.service");
    world.actor("a.service").on_stop = Plan::later;
    world.start("poweroff.target", JobMode::replace_irreversibly);
    world.pass(29 * 60);
    BOOST_TEST(world.surroundings.ended.empty());
    world.pass(60);
    BOOST_TEST(world.surroundings.ended.size() == 1);
}

BOOST_AUTO_TEST_CASE(a_thousand_services_start_and_stop) {
    World world(true);
    constexpr int count = 1000;
    for (int i = 0; i < count; ++i) {
        const std::string name = "s" + std::to_string(i) + ".service";
        world.add_default(name, i > 0 ? "After=s" + std::to_string(i / 2) + ".service" : "");
        enable(world, name);
    }
    // Runs the engine while there is something to do at once.
    const auto run = [&world] {
        while (world.engine.next_deadline() == 1)
            world.engine.run_due();
    };
    world.start("default.target", JobMode::isolate);
    run();
    BOOST_TEST(world.state("multi-user.target") == "active");
    BOOST_TEST(world.calls.size() == count);
    world.start("exit.target", JobMode::replace_irreversibly);
    run();
    BOOST_TEST(world.state("multi-user.target") == "inactive");
    BOOST_TEST(world.calls.size() == 2 * count + 1);
    BOOST_TEST(world.engine.jobs().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::manager
