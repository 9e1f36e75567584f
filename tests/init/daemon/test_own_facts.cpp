#include "init/daemon/own_facts.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::daemon {

BOOST_AUTO_TEST_SUITE(own_facts_below_a_root)

BOOST_AUTO_TEST_CASE(own_facts_have_directories_below_the_given_root) {
    const unit::Facts facts = own_facts("/some/root", Role::separate);
    BOOST_TEST(facts.runtime_directory == "/some/root/run");
    BOOST_TEST(facts.state_directory == "/some/root/var/lib");
    BOOST_TEST(facts.cache_directory == "/some/root/var/cache");
    BOOST_TEST(facts.logs_directory == "/some/root/var/log");
    BOOST_TEST(facts.configuration_directory == "/some/root/etc");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::daemon
