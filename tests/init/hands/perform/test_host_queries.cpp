#include "init/hands/perform/host_queries.hpp"

#include <unistd.h>

#include <boost/test/data/test_case.hpp>

#include "host_world.hpp"

namespace notifybridge::perform {
namespace {

struct HandKill {
    const char* unit;
    manager::OwnProcesses own;
    manager::KillWhom whom;
    const char* answer;
};

constexpr HandKill refused_kills[] = {
    {"a.socket", {}, manager::KillWhom::main, "socket units have no main processes"},
    {"a.service", {}, manager::KillWhom::main, "No main process to kill"},
    {"a.service", {}, manager::KillWhom::control, "No control process to kill"},
    {"a.service", {}, manager::KillWhom::all_or_fail, "No matching processes to kill"},
    {"a.service", {}, manager::KillWhom::all, ""},
};

std::ostream& operator<<(std::ostream& out, const HandKill& kill) {
    return out << kill.unit << ": " << kill.answer;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(host_queries)

BOOST_AUTO_TEST_CASE(a_process_is_found_together_with_its_unit) {
    test::World world;
    test::Listed& unit = world.add_service("exec sleep 1000");
    const pid_t pid = world.start(unit).pid;
    BOOST_TEST(world.host.queries.unit_of(pid) == &unit);
    BOOST_TEST((world.host.queries.processes_of(unit) == std::vector<pid_t>{pid}));
    BOOST_TEST(!world.host.queries.unit_of(::getppid()));
}

BOOST_DATA_TEST_CASE(a_kill_request_without_a_process_is_answered,
                     boost::unit_test::data::make(refused_kills), kill) {
    test::World world;
    test::Listed& unit = world.add(kill.unit, kill.unit == std::string("a.socket")
                                                  ? "[Socket]\nListenStream=@/s\n"
                                                  : "[Service]\nExecStart=/bin/true\n");
    unit.own = kill.own;
    BOOST_TEST(world.host.queries.kill_by_hand(unit, kill.whom, SIGTERM) == kill.answer);
}

BOOST_AUTO_TEST_CASE(a_unit_without_processes_cannot_be_killed) {
    test::World world;
    test::Listed& target = world.add("a.target", "[Unit]\n");
    BOOST_TEST(world.host.queries.kill_by_hand(target, manager::KillWhom::all, SIGTERM)
               == "Operation not supported");
}

BOOST_AUTO_TEST_CASE(a_requested_kill_signals_the_main_process) {
    test::World world;
    test::Listed& unit = world.add_service("exec sleep 1000");
    const pid_t pid = world.start(unit).pid;
    unit.own = manager::OwnProcesses{pid, 0};
    BOOST_TEST(world.host.queries.kill_by_hand(unit, manager::KillWhom::main, SIGKILL) == "");
    world.until([&] { return unit.was_told("gone"); });
    BOOST_TEST(unit.told.front() == util::concat(pid, " was killed by SIGKILL"));
}

BOOST_AUTO_TEST_CASE(the_verb_log_shows_the_last_lines_without_colours) {
    test::World world;
    test::Listed& unit =
        world.add_service("echo first; printf '\\033[1;31mred\\033[0m\\n'; printf 'a\\001b\\n'");
    const pid_t pid = world.start(unit).pid;
    world.until([&] { return unit.was_told("gone"); });
    const auto lines = world.host.queries.log(unit, 2, util::Severity::debug, 0);
    BOOST_TEST_REQUIRE(lines.size() == 2u);
    const std::string prefix = util::concat(" a.service[", pid, "]: ");
    BOOST_TEST(lines[0].ends_with(prefix + "red"), lines[0]);
    BOOST_TEST(lines[1].ends_with(prefix + "[3B blob data]"), lines[1]);
    BOOST_TEST(world.host.queries.log(unit, 100, util::Severity::debug, 0).size() == 3u);
    BOOST_TEST(
        world.host.queries.log(unit, 100, util::Severity::debug, system::now().monotonic).empty());
}

BOOST_AUTO_TEST_CASE(the_verb_log_shows_our_own_lines_as_those_of_init) {
    test::World world;
    test::Listed& unit = world.add_service("true");
    world.host.surroundings.say(util::Severity::notice, &unit, "Started.");
    const auto lines = world.host.queries.log(unit, 1, util::Severity::debug, 0);
    BOOST_TEST_REQUIRE(lines.size() == 1u);
    BOOST_TEST(lines[0].find(util::concat(" init[", ::getpid(), "]: ")) != std::string::npos,
               lines[0]);
}

BOOST_AUTO_TEST_CASE(the_ids_of_a_unit_are_those_of_its_settings) {
    test::World world;
    const test::Listed& plain = world.add("a.service", "[Service]\nExecStart=/bin/true\n");
    const test::Listed& root = world.add("b.service", "[Service]\nExecStart=/bin/true\nUser=0\n");
    BOOST_TEST(!world.host.queries.ids_of(plain).user);
    BOOST_TEST((world.host.queries.ids_of(root).user == 0u));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::perform
