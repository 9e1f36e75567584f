#include "bridge/status/record_line.hpp"

#include <stdlib.h>
#include <time.h>

#include <boost/test/unit_test.hpp>

namespace notifybridge::status {
namespace {

using channel::Record;

/// Returns a message of 2025-07-25 12:00:00 UTC.
Record message(std::string_view payload) {
    ::setenv("TZ", "UTC0", 1);
    ::tzset();
    Record record;
    record.time = {1'753'444'800'000'042, 0};
    record.sender = {3, 1000, 1000};
    record.payload = payload;
    return record;
}

BOOST_AUTO_TEST_SUITE(record_line)

BOOST_AUTO_TEST_CASE(the_line_of_a_message_shows_whether_the_message_passes) {
    const relay::Policy policy;
    BOOST_TEST(to_line(message("READY=1\nSTATUS=\x1b"), policy)
               == "12:00:00.000042 pid 3, uid 1000, passes: READY=1\\nSTATUS=\\x1b");
    BOOST_TEST(to_line(message("READY=1\nMAINPID=1\nFDNAME=x"), policy)
               == "12:00:00.000042 pid 3, uid 1000, passes without MAINPID, FDNAME: "
                  "READY=1\\nMAINPID=1\\nFDNAME=x");
    BOOST_TEST(to_line(message("MAINPID=1"), policy)
               == "12:00:00.000042 pid 3, uid 1000, refused: MAINPID=1");
    BOOST_TEST(to_line(message("READY=1\\"), policy).find("dropped: it ends in a backslash")
               != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_end_of_a_run_has_a_line_but_a_state_has_none) {
    Record record = message("KILLED=9");
    record.type = channel::RecordType::end;
    BOOST_TEST(to_line(record, relay::Policy())
               == "12:00:00.000042 the command was killed by SIGKILL");
    record.type = channel::RecordType::state;
    BOOST_TEST(to_line(record, relay::Policy()).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::status
