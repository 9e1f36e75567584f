#include "bridge/diagnosis/unit.hpp"

#include <sched.h>
#include <signal.h>

#include <boost/test/unit_test.hpp>

namespace notifybridge::diagnosis {
namespace {

using Words = std::vector<std::string>;
constexpr std::uint64_t largest = ~std::uint64_t{0};

UnitFacts unit_with(std::string_view name, const bus::Value& value) {
    UnitFacts unit;
    set_property(unit, name, value);
    return unit;
}

std::string sandbox_with(std::string_view name, const bus::Value& value) {
    return unit_with(name, value).sandbox.at(std::string(name));
}

BOOST_AUTO_TEST_SUITE(unit)

BOOST_AUTO_TEST_CASE(properties_of_each_type_become_facts) {
    BOOST_TEST(unit_with("Id", std::string("a.service")).name == "a.service");
    BOOST_TEST(unit_with("MainPID", std::uint64_t{7}).main_pid == 7);
    BOOST_TEST(unit_with("PrivateTmp", true).private_tmp == "yes");
    BOOST_TEST(unit_with("NeedDaemonReload", true).needs_daemon_reload);
    BOOST_TEST(unit_with("ConditionResult", false).is_condition_unmet);
    BOOST_TEST(!unit_with("ConditionResult", true).is_condition_unmet);
    BOOST_TEST(
        (unit_with("TimeoutStopUSec", std::uint64_t{90}).timeout_stop == util::TimeSpan(90)));
    BOOST_TEST((unit_with("TimeoutStopUSec", largest).timeout_stop == util::infinity));
    BOOST_TEST(unit_with("BindsTo", Words{"a.mount"}).required == Words{"a.mount"},
               boost::test_tools::per_element());
    BOOST_TEST(variable_in_unit(unit_with("Environment", Words{"A=b c", "B=d"}), "A") == "b c");
}

BOOST_AUTO_TEST_CASE(properties_of_a_wrong_type_are_harmless) {
    BOOST_TEST(unit_with("MainPID", largest).main_pid == 0);
    BOOST_TEST(unit_with("MainPID", std::string("7")).main_pid == 0);
    BOOST_TEST(unit_with("After", std::string("a.service")).after.empty());
    BOOST_TEST(unit_with("ExecStart", Words{"/x"}).exec_start.empty());
    BOOST_TEST(unit_with("ConditionResult", std::string("no")).is_condition_unmet == false);
}

BOOST_AUTO_TEST_CASE(the_words_of_a_command_keep_their_blanks) {
    const Words words = {"/bin/sh", "-c", "exit 3"};
    const UnitFacts unit =
        unit_with("ExecStartPre", std::vector<bus::Command>{{words, true, CLD_EXITED, 1},
                                                            {words, false, CLD_EXITED, 3},
                                                            {{"/b"}, false, CLD_KILLED, SIGKILL}});
    BOOST_TEST(unit.has_first_command);
    BOOST_TEST(unit.failed_command == "ExecStartPre=/bin/sh -c exit 3");
    BOOST_TEST(unit.failed_command_end == "exited with status 3");
    const UnitFacts start = unit_with("ExecStart", std::vector<bus::Command>{{words}});
    BOOST_TEST(start_words(start) == words, boost::test_tools::per_element());
    BOOST_TEST(mentions(start, " -c exit"));
}

BOOST_AUTO_TEST_CASE(numbers_of_the_sandbox_become_names) {
    BOOST_TEST(sandbox_with("CapabilityBoundingSet", std::uint64_t{3})
               == "cap_chown cap_dac_override");
    BOOST_TEST(sandbox_with("CapabilityBoundingSet", std::uint64_t{0}) == "");
    BOOST_TEST(sandbox_with("RestrictNamespaces", std::uint64_t{0}) == "yes");
    BOOST_TEST(sandbox_with("RestrictNamespaces", largest) == "no");
    BOOST_TEST(sandbox_with("RestrictNamespaces", std::uint64_t{CLONE_NEWIPC | CLONE_NEWCGROUP})
               == "cgroup ipc");
    BOOST_TEST(sandbox_with("DynamicUser", true) == "yes");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::diagnosis
