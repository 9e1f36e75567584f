#include "bridge/wrap/held_barriers.hpp"

#include <boost/test/unit_test.hpp>

#include "base/system/pipe.hpp"
#include "support/descriptors.hpp"

namespace notifybridge::wrap {
namespace {

struct Held {
    HeldBarriers barriers{3};

    /// Holds a barrier. Reading the returned descriptor reports the end of the file when the
    /// barrier is released.
    system::UniqueFd hold(std::uint64_t sequence) {
        system::Pipe pipe = system::make_pipe();
        barriers.hold(sequence, std::move(pipe.writing));
        return std::move(pipe.reading);
    }

    static bool is_released(system::Fd fd) { return test::is_ready(fd, POLLHUP); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(held_barriers, Held)

BOOST_AUTO_TEST_CASE(a_barrier_is_held_until_its_record_is_processed) {
    const auto first = hold(3);
    const auto second = hold(5);
    barriers.release(2);
    BOOST_TEST(!is_released(first));
    barriers.release(4);
    BOOST_TEST(is_released(first));
    BOOST_TEST(!is_released(second));
    barriers.release(5);
    BOOST_TEST(is_released(second));
    BOOST_TEST(barriers.empty());
}

BOOST_AUTO_TEST_CASE(the_number_of_held_barriers_is_limited) {
    const auto first = hold(1);
    const auto second = hold(2);
    BOOST_TEST(barriers.has_room());
    const auto third = hold(3);
    BOOST_TEST(!barriers.has_room());
    barriers.release(1);
    BOOST_TEST(barriers.has_room());
}

BOOST_AUTO_TEST_CASE(release_all_releases_and_counts_all_barriers) {
    BOOST_TEST(barriers.release_all() == 0u);
    const auto first = hold(1);
    const auto second = hold(2);
    BOOST_TEST(!barriers.empty());
    BOOST_TEST(barriers.release_all() == 2u);
    BOOST_TEST(is_released(first));
    BOOST_TEST(is_released(second));
    BOOST_TEST(barriers.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wrap
