#include "init/files/directive/directive.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <set>

namespace notifybridge::directive {

BOOST_AUTO_TEST_SUITE(directive)

BOOST_AUTO_TEST_CASE(each_section_lists_each_directive_once) {
    for (const char* const section : {"Unit", "Install", "Service", "Socket", "Timer"}) {
        std::set<std::string_view> seen;
        for (const std::string_view name : directives_of(section))
            BOOST_TEST(seen.insert(name).second, section << ' ' << name);
    }
}

BOOST_AUTO_TEST_CASE(the_value_of_an_honoured_directive_is_read) {
    for (const DirectiveGroup& group : directive_groups())
        for (const Row& row : group.rows)
            BOOST_TEST((row.support != Support::honoured || row.field.read), row.names);
}

BOOST_AUTO_TEST_CASE(a_directive_is_found_only_in_its_own_section) {
    BOOST_TEST(find_directive("Service", "ExecStart").has_value());
    BOOST_TEST(find_directive("Service", "User").has_value());
    BOOST_TEST(find_directive("Socket", "User").has_value());
    BOOST_TEST(!find_directive("Unit", "ExecStart").has_value());
    BOOST_TEST(!find_directive("Socket", "ExecStart").has_value());
    BOOST_TEST(!find_directive("Target", "Description").has_value());
    BOOST_TEST(!find_directive("Unit", "description").has_value());
}

BOOST_AUTO_TEST_CASE(only_sections_of_honoured_unit_types_have_directives) {
    for (const char* const section :
         {"Unit", "Install", "Service", "Socket", "Target", "Timer", "Path"})
        BOOST_TEST(has_directives(section), section);
    BOOST_TEST(!has_directives("Mount"));
}

BOOST_AUTO_TEST_CASE(a_value_that_switches_a_directive_off_has_no_effect) {
    for (const char* const value : {"", "no", "False", "0", "default", "auto"})
        BOOST_TEST(has_no_effect(value), value);
    for (const char* const value : {"yes", "strict", "none", "~@mount"})
        BOOST_TEST(!has_no_effect(value), value);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::directive
