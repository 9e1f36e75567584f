#include "bridge/probe/log_probe.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::probe {

BOOST_AUTO_TEST_SUITE(log_probe)

BOOST_AUTO_TEST_CASE(a_log_probe_succeeds_after_the_first_matching_line) {
    LogProbe probe("log:ready", "ready$");
    int changes = 0;
    probe.on_change = [&] { ++changes; };
    probe.line("ready soon");
    BOOST_TEST(!probe.look().holds);
    BOOST_TEST(probe.look().reason == "no line has matched yet");
    BOOST_TEST(changes == 0);
    for (const char* const line : {"now ready", "not any more", "ready"})
        probe.line(line);
    BOOST_TEST(probe.look().holds);
    BOOST_TEST(changes == 1);
}

BOOST_AUTO_TEST_CASE(two_calls_of_tell_are_reported_once) {
    ToldProbe probe("notify", "it has not sent READY=1");
    int changes = 0;
    probe.on_change = [&] { ++changes; };
    BOOST_TEST(probe.look().reason == "it has not sent READY=1");
    probe.tell();
    probe.tell();
    BOOST_TEST(probe.look().holds);
    BOOST_TEST(changes == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::probe
