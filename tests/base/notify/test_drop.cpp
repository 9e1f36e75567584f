#include "base/notify/drop.hpp"

#include <boost/test/unit_test.hpp>
#include <set>
#include <string_view>

#include "base/notify/print.hpp"

namespace notifybridge::notify {

BOOST_AUTO_TEST_SUITE(drops)

BOOST_AUTO_TEST_CASE(each_drop_reason_has_a_unique_name_and_an_explanation) {
    std::set<std::string_view> names;
    for (std::size_t at = 0; at < drop_reason_count; ++at) {
        const auto reason = static_cast<DropReason>(at);
        BOOST_TEST(names.insert(name(reason)).second);
        BOOST_TEST(!explain(reason).empty());
    }
}

BOOST_AUTO_TEST_CASE(drop_reason_names_are_written_with_dashes) {
    BOOST_TEST(name(DropReason::too_long) == "too-long");
    BOOST_TEST(name(DropReason::bad_barrier) == "bad-barrier");
    BOOST_TEST(name(DropReason::unsent_fds) == "unsent-fds");
}

BOOST_AUTO_TEST_CASE(drops_are_counted_for_each_reason) {
    DropCounters counters;
    counters.add(DropReason::empty);
    counters.add(DropReason::empty);
    counters.set(DropReason::unsent_fds, 7);
    BOOST_TEST(counters.count(DropReason::empty) == 2u);
    BOOST_TEST(counters.count(DropReason::unsent_fds) == 7u);
    BOOST_TEST(counters.count(DropReason::too_long) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::notify
