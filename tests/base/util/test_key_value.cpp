#include "base/util/key_value.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace notifybridge::util {
namespace {

/// Returns each fact of `text` as "KEY>VALUE".
std::vector<std::string> facts_in(std::string_view text) {
    std::vector<std::string> facts;
    for_each_key_value(text, [&](std::string_view key, const std::string& value) {
        facts.push_back(std::string(key) + '>' + value);
    });
    return facts;
}

using Facts = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(key_value_text)

BOOST_AUTO_TEST_CASE(each_fact_is_written_as_a_line) {
    KeyValueWriter out;
    out.add("STATUS", "up and running");
    out.add("PID", -42);
    out.add("MOST", std::numeric_limits<std::uint64_t>::max());
    BOOST_TEST(out.text() == "STATUS=up and running\nPID=-42\nMOST=18446744073709551615\n");
}

BOOST_AUTO_TEST_CASE(the_value_of_a_fact_cannot_start_a_new_line) {
    KeyValueWriter out;
    out.add("STATUS", "x\nREADY=1\r\\");
    BOOST_TEST(facts_in(out.text()) == Facts{"STATUS>x\nREADY=1\r\\"},
               boost::test_tools::per_element());
    BOOST_TEST(out.text() == "STATUS=x\\nREADY=1\\r\\\\\n");
}

BOOST_AUTO_TEST_CASE(the_value_of_a_fact_may_have_equals_signs_or_be_empty) {
    BOOST_TEST(facts_in("A=b=c\nD=\n") == (Facts{"A>b=c", "D>"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_last_line_of_a_key_value_text_may_lack_a_newline) {
    BOOST_TEST(facts_in("A=1\nB=2") == (Facts{"A>1", "B>2"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(invalid_lines_of_a_key_value_text_are_ignored) {
    BOOST_TEST(facts_in("\nnonsense\nA=\\q\nB=2\n\n") == Facts{"B>2"},
               boost::test_tools::per_element());
    BOOST_TEST(facts_in("").empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::util
