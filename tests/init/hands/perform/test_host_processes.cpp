#include "init/hands/perform/host_processes.hpp"

#include <filesystem>

#include "host_world.hpp"

namespace notifybridge::perform {

BOOST_AUTO_TEST_SUITE(host_processes)

BOOST_AUTO_TEST_CASE(a_process_of_an_idle_service_waits_for_the_last_job) {
    test::World world;
    test::Listed& idle = world.add_service("echo begun\n");
    test::Listed& other = world.add("b.service", "[Service]\nExecStart=/bin/true\n");
    world.start(idle, true);
    const auto before = system::now().monotonic;
    world.start(other);
    world.until([&] { return other.was_told("gone"); });
    // On a busy machine, the process may have stopped waiting already.
    const bool is_early = system::now().monotonic - before < 4'000'000;
    BOOST_TEST((!is_early || !world.has_logged("begun")));
    world.host.processes.become_idle();
    world.until([&] { return world.has_logged("begun") && idle.was_told("gone"); });
}

BOOST_AUTO_TEST_CASE(a_started_process_is_logged_and_its_end_reported) {
    test::World world;
    test::Listed& unit = world.add_service("echo \"$NOTIFY_SOCKET $INVOCATION_ID\"; exit 3");
    unit.invocation_id = "0123456789abcdef0123456789abcdef";
    const auto started = world.start(unit);
    BOOST_TEST(!started.exec_error);
    world.until([&] { return unit.was_told("gone"); });
    BOOST_TEST(unit.told.front() == util::concat(started.pid, " exited with status 3"));
    BOOST_TEST(world.log
               == util::concat("a.service[", started.pid,
                               "]: /run/test/notify 0123456789abcdef0123456789abcdef\n"));
}

BOOST_AUTO_TEST_CASE(a_process_with_a_missing_program_is_logged_and_ends) {
    test::World world;
    test::Listed& unit = world.add("a.service", "[Service]\nExecStart=/no/such\n");
    const auto started = world.start(unit);
    BOOST_TEST(started.exec_error.value() == ENOENT);
    world.until([&] { return unit.was_told("gone"); });
    BOOST_TEST(unit.told.front() == util::concat(started.pid, " exited with status 203"));
    BOOST_TEST(world.has_logged(
        "a.service: Failed at step EXEC spawning /no/such: No such file or directory"));
}

BOOST_AUTO_TEST_CASE(a_new_pid_file_is_reported) {
    test::World world;
    test::Listed& unit = world.add_service("exit 0");
    const std::string path = world.units.directory.path("d/e/pid");
    world.host.processes.watch_pid_file(unit, path, true);
    std::filesystem::create_directories(world.units.directory.path("d/e"));
    world.until([&] { return unit.was_told("pid file"); });
    unit.told.clear();
    world.units.directory.write("d/e/pid", "1\n");
    world.until([&] { return unit.was_told("pid file"); });
    world.host.processes.watch_pid_file(unit, path, false);
}

BOOST_AUTO_TEST_CASE(each_unit_that_waits_for_a_pid_file_is_notified) {
    test::World world;
    test::Listed& one = world.add("one.service", "[Service]\nExecStart=/bin/true\n");
    test::Listed& other = world.add("other.service", "[Service]\nExecStart=/bin/true\n");
    const std::string path = world.units.directory.path("pid");
    world.host.processes.watch_pid_file(one, path, true);
    world.host.processes.watch_pid_file(other, path, true);
    world.units.directory.write("pid", "1\n");
    world.until([&] { return one.was_told("pid file") && other.was_told("pid file"); });
    // One of the units does not wait any more.
    world.host.processes.watch_pid_file(one, path, false);
    other.told.clear();
    world.units.directory.write("pid", "2\n");
    world.until([&] { return other.was_told("pid file"); });
    // Now the other unit waits for another file.
    world.host.processes.watch_pid_file(other, world.units.directory.path("new"), true);
    other.told.clear();
    world.units.directory.write("new", "1\n");
    world.until([&] { return other.was_told("pid file"); });
    world.host.processes.watch_pid_file(other, world.units.directory.path("new"), false);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::perform
