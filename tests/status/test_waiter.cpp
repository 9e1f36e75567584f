#include "status/waiter.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>

namespace notifybridge::status {

BOOST_AUTO_TEST_SUITE(waiter)

BOOST_AUTO_TEST_CASE(the_unit_is_the_innermost_service_that_a_cgroup_is_in) {
    BOOST_TEST(unit_in_cgroup("0::/system.slice/app.service\n") == "app.service");
    BOOST_TEST(unit_in_cgroup("0::/system.slice/app.service/payload\n") == "app.service");
    BOOST_TEST(unit_in_cgroup("0::/system.slice/system-app.slice/app@a\\x2db.service\n")
               == "app@a\\x2db.service");
    BOOST_TEST(unit_in_cgroup("0::/user.slice/user-1.slice/user@1.service/app.slice/app.service\n")
               == "app.service");
    BOOST_TEST(unit_in_cgroup("0::/user.slice/user-0.slice/session-1.scope\n").empty());
    BOOST_TEST(unit_in_cgroup("").empty());
}

BOOST_AUTO_TEST_CASE(a_process_that_is_not_there_says_nothing) {
    BOOST_TEST(!look_at_waiter(0).has_value());
    BOOST_TEST(!look_at_waiter(-1).has_value());
    BOOST_TEST(look_at_waiter(::getpid()).value().environment_is_known);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::status
