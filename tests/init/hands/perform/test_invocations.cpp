#include "init/hands/perform/invocations.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::perform {

BOOST_AUTO_TEST_SUITE(invocations)

BOOST_AUTO_TEST_CASE(root_and_the_units_users_may_claim_an_invocation) {
    Invocations invocations;
    invocations.add("a", "1", 1000);
    invocations.add("a", "1", 1000);
    invocations.add("b", "2", 0);
    BOOST_TEST(invocations.unit_of("1", 1000) == "a");
    BOOST_TEST(invocations.unit_of("1", 0) == "a");
    BOOST_TEST(invocations.unit_of("1", 1001) == "");
    BOOST_TEST(invocations.unit_of("2", 1000) == "");
    BOOST_TEST(invocations.unit_of("3", 0) == "");
    invocations.add_user("a", 1001);
    invocations.add_user("c", 1001);
    BOOST_TEST(invocations.unit_of("1", 1001) == "a");
    // The next invocation replaces the previous one.
    invocations.add("a", "4", 1001);
    BOOST_TEST(invocations.unit_of("1", 0) == "");
    BOOST_TEST(invocations.unit_of("4", 1000) == "");
    BOOST_TEST(invocations.unit_of("4", 1001) == "a");
    invocations.forget("a");
    invocations.forget("c");
    BOOST_TEST(invocations.unit_of("4", 0) == "");
    BOOST_TEST(invocations.unit_of("2", 0) == "b");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::perform
