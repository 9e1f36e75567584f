#include "base/cli/live_line.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::cli::test_live_line {
namespace {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(live_line)

BOOST_AUTO_TEST_CASE(the_shown_waiting_time_restarts_for_each_new_event) {
    Waiting waiting;
    BOOST_TEST(waiting.text("a run", 10s) == "waiting for a run (0 s)");
    BOOST_TEST(waiting.text("a run", 12s + 900ms) == "waiting for a run (2 s)");
    BOOST_TEST(waiting.text("READY=1", 13s) == "waiting for READY=1 (0 s)");
    BOOST_TEST(waiting.text("READY=1", 83s) == "waiting for READY=1 (70 s)");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::cli::test_live_line
