#include "base/util/signal_names.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>

namespace notifybridge::util {
namespace {

/// A text and the number of its signal, or -1 if the text is not a signal.
struct Signal {
    const char* text;
    int number;
};

std::ostream& operator<<(std::ostream& out, const Signal& signal) {
    return out << signal.text;
}

const Signal signals[] = {
    {"TERM", 15},     {"SIGTERM", 15}, {"15", 15},         {"HUP", 1},       {"IO", 29},
    {"SYS", 31},      {"RTMIN", 34},   {"SIGRTMIN+3", 37}, {"RTMIN+30", 64}, {"RTMAX", 64},
    {"RTMAX-30", 34}, {"64", 64},      {"0", -1},          {"65", -1},       {"-1", -1},
    {"term", -1},     {"SIG15", -1},   {"RTMIN+31", -1},   {"RTMIN-1", -1},  {"RTMAX-31", -1},
    {"RTMINX", -1},   {"POLL", -1},    {"", -1},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(signal_names)

BOOST_DATA_TEST_CASE(a_signal_has_a_name_or_a_number, signals, signal) {
    BOOST_TEST(parse_signal(signal.text).value_or(-1) == signal.number);
}

BOOST_AUTO_TEST_CASE(the_name_of_a_signal_may_have_any_case) {
    BOOST_TEST(parse_signal_in_any_case("sigint").value() == 2);
    BOOST_TEST(parse_signal_in_any_case("SigRtMin+3").value() == 37);
    BOOST_TEST(!parse_signal_in_any_case("sig").has_value());
}

BOOST_AUTO_TEST_CASE(a_printed_signal_parses_to_the_same_number) {
    for (int signal = 1; signal <= 64; ++signal)
        if (signal != 32 && signal != 33)
            BOOST_TEST(parse_signal(signal_to_string(signal)).value() == signal);
    BOOST_TEST(signal_to_string(15) == "TERM");
    BOOST_TEST(signal_to_string(37) == "RTMIN+3");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::util
