#include "bridge/channel/signal_list.hpp"

#include <signal.h>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>

namespace notifybridge::channel::test_signal_list {
namespace {

SignalList list_of(std::initializer_list<int> signals) {
    SignalList list;
    std::uint64_t number = 0;
    for (const int signal : signals)
        append(list, {++number, signal});
    return list;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(signal_list)

BOOST_AUTO_TEST_CASE(a_signal_list_keeps_repeated_signals_and_their_order) {
    const SignalList list = list_of({SIGHUP, SIGHUP, SIGTERM});
    BOOST_TEST(to_string(list) == "1:1 2:1 3:15");
    BOOST_TEST((parse_signal_list(to_string(list)) == list));
    BOOST_TEST(to_string(SignalList()).empty());
    BOOST_TEST(parse_signal_list("").empty());
}

BOOST_AUTO_TEST_CASE(a_full_signal_list_drops_the_oldest_repeated_signal) {
    SignalList list = list_of({SIGTERM, SIGUSR1});
    for (std::uint64_t number = 3; number < 1000; ++number)
        append(list, {number, number % 2 == 0 ? SIGUSR1 : SIGHUP});
    BOOST_TEST(list.size() == 64u);
    BOOST_TEST((list.front() == NumberedSignal{1, SIGTERM}));
    BOOST_TEST((list.back() == NumberedSignal{999, SIGHUP}));
    for (std::size_t at = 1; at < list.size(); ++at)
        BOOST_TEST(list[at].number > list[at - 1].number);
}

BOOST_AUTO_TEST_CASE(a_signal_list_has_room_for_each_signal) {
    SignalList list;
    std::uint64_t number = 0;
    for (int signal = 1; signal <= 64; ++signal)
        append(list, {++number, signal});
    BOOST_TEST(list.size() == 64u);
    append(list, {++number, 64});
    BOOST_TEST(list.size() == 64u);
    BOOST_TEST(list.front().signal == 1);
    BOOST_TEST((parse_signal_list(to_string(list)) == list));
}

BOOST_DATA_TEST_CASE(an_invalid_signal_in_a_signal_list_is_ignored,
                     boost::unit_test::data::make({"x", "1:", ":15", "1:0", "1:65", "1:-1", "-1:15",
                                                   "1:15x", "99999999999999999999999:15", "1:TERM",
                                                   "1 15", "1:15:2"}),
                     text) {
    BOOST_TEST(parse_signal_list(text).empty());
    BOOST_TEST((parse_signal_list(std::string(text) + "  7:1") == SignalList{{7, SIGHUP}}));
}

BOOST_AUTO_TEST_CASE(a_long_signal_list_is_read_up_to_its_limit) {
    std::string text;
    for (int number = 1; number < 1000; ++number)
        text += "1:15 ";
    BOOST_TEST(parse_signal_list(text).size() == 64u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::channel::test_signal_list
