#include "bridge/wrap/change_limit.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

namespace notifybridge::wrap {
namespace {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(change_limit)

BOOST_AUTO_TEST_CASE(changes_above_the_maximum_are_counted) {
    ChangeLimit limit;
    for (int count = 1; count < ChangeLimit::most; ++count)
        BOOST_TEST(limit.changed(1s).value() == "");
    BOOST_TEST(limit.changed(2s).value().starts_with("; it changes often"));
    for (int count = 0; count < 3; ++count)
        BOOST_TEST(!limit.changed(2s).has_value());
    BOOST_TEST(limit.changed(1s + ChangeLimit::period).value()
               == " (3 changes before were not logged)");
    BOOST_TEST(limit.changed(2s + ChangeLimit::period).value() == "");
}

BOOST_AUTO_TEST_CASE(rare_changes_are_always_logged) {
    ChangeLimit limit;
    for (int count = 0; count < 100; ++count)
        BOOST_TEST(limit.changed(count * ChangeLimit::period / 2).value() == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::wrap
