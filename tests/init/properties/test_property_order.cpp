#include "init/properties/property_order.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::properties {

BOOST_AUTO_TEST_SUITE(property_order)

BOOST_AUTO_TEST_CASE(a_name_that_begins_another_is_not_taken_for_it) {
    BOOST_TEST(property_rank("ExecStart") > property_rank("ExecStartPreEx"));
    BOOST_TEST(property_rank("ExecStart") < property_rank("ExecStartEx"));
    BOOST_TEST(property_rank("Type") < property_rank("ExitType"));
}

BOOST_AUTO_TEST_CASE(what_is_added_in_any_order_is_in_that_of_systemctl) {
    OrderedProperties properties;
    for (const char* const name : {"Id", "Unheard", "MainPID", "Type", "Requires", "KillMode"})
        properties.add(name, "");
    std::string order;
    for (const auto& property : properties.all())
        order += property.name + ' ';
    BOOST_TEST(order == "Type MainPID KillMode Id Requires Unheard ");
}

BOOST_AUTO_TEST_CASE(what_all_units_have_is_there_once_without_a_value_too) {
    OrderedProperties properties;
    properties.add("Wants", "some.target");
    properties.complete();
    std::size_t wants = 0, empty = 0;
    for (const auto& property : properties.all()) {
        wants += property.name == "Wants";
        empty += property.name == "CollectMode" && property.value.empty();
        BOOST_TEST(property.name != "MainPID");
    }
    BOOST_TEST(wants == 1u);
    BOOST_TEST(empty == 1u);
}

BOOST_AUTO_TEST_CASE(properties_of_one_name_keep_their_order) {
    OrderedProperties properties;
    for (const char* const value : {"1", "2", "3"}) {
        properties.add("ExecStart", value);
        properties.add("ExecStartEx", value);
    }
    std::string order;
    for (const auto& property : properties.all())
        order += property.name + property.value + ' ';
    BOOST_TEST(order == "ExecStart1 ExecStart2 ExecStart3 ExecStartEx1 ExecStartEx2 ExecStartEx3 ");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::properties
