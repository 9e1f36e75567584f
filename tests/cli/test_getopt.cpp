#include "cli/getopt.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

namespace notifybridge::cli {
namespace {

using Words = std::vector<std::string>;

constexpr auto options = std::to_array<Option>({
    {"ready", 0, "", ""},
    {"reloading", 0, "", ""},
    {"status", 0, "TEXT", ""},
    {"pid", 0, "[PID]", ""},
    {"fd", 0, "FD", ""},
    {"fdname", 0, "NAME", ""},
    {"quiet", 'q', "", ""},
    {"shared-dir", 'd', "PATH", ""},
});
constexpr Usage usage = {"test", "", "", options, ""};

bool never(std::span<const std::string>, std::string_view) {
    return false;
}

void check(const Words& arguments, const Words& wanted) {
    BOOST_TEST(in_parse_order(usage, arguments, never) == wanted, boost::test_tools::per_element());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(getopt)

BOOST_AUTO_TEST_CASE(options_may_follow_operands) {
    check({"A=1", "--ready", "B=2", "-q"}, {"--ready", "-q", "--", "A=1", "B=2"});
}

BOOST_AUTO_TEST_CASE(after_two_dashes_nothing_is_an_option) {
    check({"A=1", "--", "--ready", "--"}, {"--", "A=1", "--ready", "--"});
}

BOOST_AUTO_TEST_CASE(an_option_may_be_cut_short) {
    check({"--rea", "--stat=up", "--p"}, {"--ready", "--status=up", "--pid", "--"});
}

BOOST_AUTO_TEST_CASE(a_whole_name_is_not_one_cut_short) {
    check({"--fd=3"}, {"--fd=3", "--"});
}

BOOST_AUTO_TEST_CASE(too_short_is_refused_with_what_it_may_mean) {
    BOOST_CHECK_EXCEPTION(in_parse_order(usage, Words{"--re"}, never), UsageError,
                          [](const UsageError& error) {
                              const std::string_view what = error.what();
                              return what.find("--ready, --reloading") != what.npos;
                          });
}

BOOST_AUTO_TEST_CASE(a_value_may_be_anything) {
    check({"--status", "--ready", "--status", "--", "--status", ""},
          {"--status=--ready", "--status=--", "--status", "", "--"});
    check({"--status=", "--pid=", "-d", "dir", "-qd", "dir", "-ddir"},
          {"--status", "", "--pid", "-d", "dir", "-qd", "dir", "-ddir", "--"});
}

BOOST_AUTO_TEST_CASE(a_missing_value_is_left_missing) {
    check({"A=1", "--status"}, {"--status"});
    check({"A=1", "-d"}, {"-d"});
}

BOOST_AUTO_TEST_CASE(what_is_no_option_is_left_as_it_is) {
    check({"--nope=1", "-x", "-", "--ready=1"}, {"--nope=1", "-x", "--ready=1", "--", "-"});
}

BOOST_AUTO_TEST_CASE(a_command_is_not_looked_at) {
    const auto at_semicolon = [](std::span<const std::string>, std::string_view operand) {
        return operand == ";";
    };
    const Words wanted = {"--ready", "--", "A=1", ";", "echo", "--quiet", "--"};
    BOOST_TEST(
        in_parse_order(usage, Words{"A=1", "--ready", ";", "echo", "--quiet", "--"}, at_semicolon)
            == wanted,
        boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::cli
