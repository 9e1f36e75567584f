#include "bridge/runtime/failure_log.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/test/unit_test.hpp>
#include <string>

#include "support/temporary_directory.hpp"

namespace notifybridge::runtime {
namespace {

constexpr std::chrono::system_clock::time_point then{std::chrono::seconds(1700000000)};
/// A sentence with characters that both formats must quote.
constexpr std::string_view sentence = "notifybridge: no \"x\" in \\ \n\x1b[31m \xc3\xa4";

}  // namespace

BOOST_AUTO_TEST_SUITE(failure_log)

BOOST_AUTO_TEST_CASE(a_failure_in_json_is_one_object_on_one_line) {
    const std::string line = failure_line(sentence, true, then);
    BOOST_TEST(line.find('\n') == line.size() - 1);
    const boost::json::value read = boost::json::parse(line);
    BOOST_TEST(read.at("level").as_string() == "error");
    BOOST_TEST(read.at("msg").as_string() == sentence);
    BOOST_TEST(read.at("time").as_string() == "2023-11-14T22:13:20Z");
}

BOOST_AUTO_TEST_CASE(a_failure_as_text_is_one_line_like_that_of_logrus) {
    BOOST_TEST(failure_line("no \"x\"\n\x1b", false, then)
               == "time=\"2023-11-14T22:13:20Z\" level=error msg=\"no \\\"x\\\"\\n\\u001b\"\n");
}

BOOST_AUTO_TEST_CASE(a_failure_is_appended_to_the_log) {
    const test::TemporaryDirectory directory;
    directory.write("log", "before\n");
    Call call;
    call.log = directory.path("log");
    log_failure(call, "one");
    log_failure(call, "two");
    const std::string log = directory.read("log");
    BOOST_TEST(log.starts_with("before\ntime="));
    BOOST_TEST(log.find("msg=\"one\"\ntime=") != log.npos);
    BOOST_TEST(log.ends_with("msg=\"two\"\n"));
}

BOOST_AUTO_TEST_CASE(a_missing_failure_log_is_created) {
    const test::TemporaryDirectory directory;
    Call call;
    call.log = directory.path("log");
    call.log_is_json = true;
    log_failure(call, "one");
    BOOST_TEST(directory.read("log").starts_with("{\"level\""));
}

BOOST_AUTO_TEST_CASE(a_failure_log_that_cannot_be_written_is_ignored) {
    const test::TemporaryDirectory directory;
    Call call;
    log_failure(call, "one");
    call.log = directory.path("no/log");
    log_failure(call, "one");
    BOOST_TEST(directory.names().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime
