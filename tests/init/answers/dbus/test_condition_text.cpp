#include "init/answers/dbus/condition_text.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::dbus {
namespace {

const unit::UnmetConditions none;

BOOST_AUTO_TEST_SUITE(condition_text)

BOOST_AUTO_TEST_CASE(conditions_are_listed_from_the_last_to_the_first) {
    const std::vector<unit::Condition> conditions = {{"PathExists", "/run/a b"},
                                                     {"Host", "box", true, true}};
    BOOST_TEST(conditions_text("Condition", conditions, {true, none})
               == "ConditionHost yes yes 1 box\nConditionPathExists no no 1 \"/run/a b\"");
    BOOST_TEST(conditions_text("Assert", conditions, {false, none})
               == "AssertHost yes yes 0 box\nAssertPathExists no no 0 \"/run/a b\"");
    BOOST_TEST(conditions_text("Condition", {}, {true, none}) == "");
}

BOOST_AUTO_TEST_CASE(conditions_before_an_unmet_condition_are_not_tested) {
    const std::vector<unit::Condition> conditions = {
        {"Host", "a"}, {"Host", "b"}, {"Host", "c", true}, {"Host", "d"}};
    const unit::UnmetConditions unmet = {&conditions[2], &conditions[1]};
    BOOST_TEST(conditions_text("Condition", conditions, {true, unmet})
               == "ConditionHost no no 1 d\nConditionHost yes no -1 c\n"
                  "ConditionHost no no -1 b\nConditionHost no no 0 a");
}

BOOST_AUTO_TEST_CASE(results_of_several_met_triggering_conditions_are_unknown) {
    const std::vector<unit::Condition> conditions = {
        {"Host", "a"}, {"Host", "b", true}, {"Host", "c", true}};
    BOOST_TEST(conditions_text("Condition", conditions, {true, none})
               == "ConditionHost yes no 0 c\nConditionHost yes no 0 b\nConditionHost no no 1 a");
    const unit::UnmetConditions unmet = {&conditions[2], &conditions[1]};
    BOOST_TEST(conditions_text("Condition", conditions, {true, unmet})
               == "ConditionHost yes no -1 c\nConditionHost yes no -1 b\nConditionHost no no 1 a");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::dbus
