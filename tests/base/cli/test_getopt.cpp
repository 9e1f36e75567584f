#include "base/cli/getopt.hpp"

#include <array>
#include <boost/test/data/test_case.hpp>
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
    {"", 'P', "NAME", ""},
    help_option,
    version_option,
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

BOOST_AUTO_TEST_CASE(a_value_may_be_anything) {
    check({"--status", "--ready", "--status", "--", "--status", ""},
          {"--status=--ready", "--status=--", "--status", "", "--"});
    check({"--status=", "--pid=", "-d", "dir", "-qd", "dir", "-ddir"},
          {"--status", "", "--pid", "-d", "dir", "-qd", "dir", "-ddir", "--"});
}

BOOST_AUTO_TEST_CASE(a_single_dash_is_no_option) {
    check({"-", "--ready"}, {"--ready", "--", "-"});
}

BOOST_AUTO_TEST_CASE(after_a_question_nothing_is_looked_at) {
    check({"-h", "--nope"}, {"--help"});
    check({"-hx"}, {"--help"});
    check({"A=1", "--ready", "--vers", "-x"}, {"--ready", "--version"});
    check({"--", "-h", "--nope"}, {"--", "-h", "--nope"});
    check({"--status", "-h", "-P", "--help"}, {"--status=-h", "-P", "--help", "--"});
}

namespace {

struct Refusal {
    Words arguments;
    std::string text;
};

std::ostream& operator<<(std::ostream& out, const Refusal& refusal) {
    return out << refusal.text;
}

const Refusal refusals[] = {
    {{"--nope"}, "unrecognized option '--nope'"},
    {{"A=1", "--nope=1", "--ready"}, "unrecognized option '--nope=1'"},
    {{"-x"}, "invalid option -- 'x'"},
    {{"-xh"}, "invalid option -- 'x'"},
    {{"--nope", "-h"}, "unrecognized option '--nope'"},
    {{"--help=1"}, "option '--help' doesn't allow an argument"},
    {{"-qx"}, "invalid option -- 'x'"},
    {{"-P"}, "option requires an argument -- 'P'"},
    {{"A=1", "-qd"}, "option requires an argument -- 'd'"},
    {{"A=1", "--status"}, "option '--status' requires an argument"},
    {{"--stat"}, "option '--status' requires an argument"},
    {{"--ready=1"}, "option '--ready' doesn't allow an argument"},
    {{"--read="}, "option '--ready' doesn't allow an argument"},
    {{"--re"}, "option '--re' is ambiguous; possibilities: '--ready' '--reloading'"},
    {{"--s=up"}, "option '--s=up' is ambiguous; possibilities: '--status' '--shared-dir'"},
};

}  // namespace

BOOST_DATA_TEST_CASE(a_refusal_has_getopts_words, refusals, refusal) {
    BOOST_CHECK_EXCEPTION(in_parse_order(usage, refusal.arguments, never), UsageError,
                          [&](const UsageError& error) { return error.what() == refusal.text; });
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
