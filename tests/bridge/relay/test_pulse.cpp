#include "bridge/relay/pulse.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::relay {
namespace {

constexpr std::uint64_t second = 1'000'000;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(pulse, Pulse)

BOOST_AUTO_TEST_CASE(a_peer_with_a_first_beat_counts_as_alive) {
    BOOST_TEST(beats(7, 100 * second));
    BOOST_TEST(!was_felt());
}

BOOST_AUTO_TEST_CASE(a_peer_with_a_changing_beat_is_alive) {
    for (std::uint64_t number = 1; number < 100; ++number)
        BOOST_TEST(beats(number, number * second));
    BOOST_TEST(was_felt());
}

BOOST_AUTO_TEST_CASE(a_peer_without_a_new_beat_for_ten_seconds_is_dead) {
    for (std::uint64_t now = 1; now <= 10; ++now)
        BOOST_TEST(beats(7, now * second));
    BOOST_TEST(!beats(7, 11 * second));
    BOOST_TEST(!was_felt());
    BOOST_TEST(beats(8, 12 * second));
    BOOST_TEST(was_felt());
}

BOOST_AUTO_TEST_CASE(a_long_pause_between_checks_counts_as_one_second) {
    BOOST_TEST(beats(7, second));
    BOOST_TEST(beats(7, 1000 * second));
}

BOOST_AUTO_TEST_CASE(begin_forgets_the_previous_beat_of_the_peer) {
    beats(7, second);
    beats(8, 2 * second);
    begin();
    BOOST_TEST(!was_felt());
    BOOST_TEST(beats(9, 3 * second));
    BOOST_TEST(!was_felt());
}

BOOST_AUTO_TEST_CASE(a_peer_with_an_old_beat_counts_as_alive_after_begin) {
    for (std::uint64_t now = 1; now <= 11; ++now)
        beats(7, now * second);
    BOOST_TEST(!beats(7, 12 * second));
    begin();
    BOOST_TEST(beats(7, 13 * second));
    BOOST_TEST(!was_felt());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::relay
