#include "init/hands/perform/host_surroundings.hpp"

#include <unistd.h>

#include <filesystem>

#include "host_world.hpp"

namespace notifybridge::perform {

BOOST_AUTO_TEST_SUITE(host_surroundings)

BOOST_AUTO_TEST_CASE(conditions_of_a_unit_are_tested_on_this_system) {
    test::World world;
    const test::Listed& good =
        world.add("a.service", "[Unit]\nConditionPathExists=/\n[Service]\nExecStart=/bin/true\n");
    const test::Listed& bad = world.add(
        "b.service", "[Unit]\nConditionPathExists=/no/such\n[Service]\nExecStart=/bin/true\n");
    unit::UnmetConditions unmet;
    BOOST_TEST(world.host.surroundings.holds(good, good.settings().unit.conditions, unmet));
    BOOST_TEST(unmet.empty());
    BOOST_TEST(!world.host.surroundings.holds(bad, bad.settings().unit.conditions, unmet));
    BOOST_TEST_REQUIRE(unmet.size() == 1u);
    BOOST_TEST(unmet.front()->parameter == "/no/such");
}

BOOST_AUTO_TEST_CASE(conditions_that_look_at_many_files_are_left_to_a_child) {
    test::World world;
    for (int directory = 0; directory < 25; ++directory)
        for (int name = 0; name < 25; ++name)
            std::filesystem::create_directories(
                world.units.directory.path(util::concat("d/", directory, '/', name)));
    const auto can_test = [&](const std::string& name, const std::string& condition) {
        return world.host.surroundings.can_test(world.add(
            name,
            util::concat("[Unit]\nCondition", condition, "\n[Service]\nExecStart=/bin/true\n")));
    };
    BOOST_TEST(can_test("few.service", "PathExistsGlob=@/d/0/*"));
    BOOST_TEST(!can_test("many.service", "PathExistsGlob=@/d/*/*/x"));
}

BOOST_AUTO_TEST_CASE(main_and_control_do_not_count_as_leftover_processes) {
    test::World world;
    test::Listed& unit = world.add_service("exec sleep 1000");
    BOOST_TEST(!world.host.surroundings.has_processes(unit));
    const pid_t pid = world.start(unit).pid;
    BOOST_TEST(world.host.surroundings.has_processes(unit));
    unit.own = manager::OwnProcesses{pid, 0};
    BOOST_TEST(!world.host.surroundings.has_processes(unit));
}

BOOST_AUTO_TEST_CASE(a_request_to_shut_the_system_down_is_passed_on) {
    test::World world;
    world.host.surroundings.end(unit::EmergencyAction::exit, 1);
    int status = 0;
    world.host.state.on_end = [&](unit::EmergencyAction, int wanted) { status = wanted; };
    world.host.surroundings.end(unit::EmergencyAction::exit, 7);
    BOOST_TEST(status == 7);
}

BOOST_AUTO_TEST_CASE(a_log_message_about_a_unit_names_the_unit) {
    test::World world;
    const test::Listed& unit = world.add("a.service", "[Service]\nExecStart=/bin/true\n");
    world.host.surroundings.say(util::Severity::debug, &unit, "not logged");
    world.host.surroundings.say(util::Severity::notice, &unit, "about it");
    world.host.surroundings.say(util::Severity::notice, nullptr, "about none");
    world.until([&] { return world.has_logged("about none"); });
    BOOST_TEST(world.log == "a.service: about it\nabout none\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::perform
