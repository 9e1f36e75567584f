#include "base/util/log.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

namespace notifybridge::util {
namespace {

std::vector<std::string> records;

void record(Severity, Topic, std::string_view text) {
    records.emplace_back(text);
}

struct LogSetUp {
    LogSetUp() {
        records.clear();
        set_log(Severity::warning, record);
    }
    ~LogSetUp() { set_log(Severity::error, nullptr); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(logging, LogSetUp)

BOOST_AUTO_TEST_CASE(log_records_up_to_the_level_are_logged) {
    log(Severity::error, Topic::process, "a ", 1);
    log(Severity::warning, Topic::messages, "b");
    BOOST_TEST(records == (std::vector<std::string>{"a 1", "b"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(log_records_below_the_level_are_dropped) {
    log(Severity::info, Topic::process, "a");
    log(Severity::debug, Topic::process, "b");
    BOOST_TEST(records.empty());
    BOOST_TEST(!logs(Severity::info));
}

BOOST_AUTO_TEST_CASE(without_a_sink_no_record_is_logged) {
    set_log(Severity::debug, nullptr);
    BOOST_TEST(!logs(Severity::error));
    log(Severity::error, Topic::process, "a");
    BOOST_TEST(records.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::util
