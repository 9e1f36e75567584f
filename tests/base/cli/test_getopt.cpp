#include "base/cli/options.hpp"

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

Arguments parsed(const Words& arguments) {
    return parse_as_getopt(usage, arguments,
                           [](const Arguments&, std::string_view) { return false; });
}

void check_words(const Words& words, const Words& wanted) {
    BOOST_TEST(words == wanted, boost::test_tools::per_element());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(getopt)

BOOST_AUTO_TEST_CASE(options_may_follow_operands) {
    const Arguments arguments = parsed({"A=1", "--ready", "B=2", "C=3", "-q"});
    BOOST_TEST(arguments.has("ready"));
    BOOST_TEST(arguments.has("quiet"));
    check_words(arguments.operands(), {"A=1", "B=2", "C=3"});
}

BOOST_AUTO_TEST_CASE(two_dashes_end_the_options_of_a_command_line) {
    const Arguments arguments = parsed({"A=1", "--", "--ready", "--"});
    BOOST_TEST(!arguments.has("ready"));
    check_words(arguments.operands(), {"A=1", "--ready", "--"});
}

BOOST_AUTO_TEST_CASE(an_option_may_be_abbreviated) {
    const Arguments arguments = parsed({"--rea", "--stat=up", "--p"});
    BOOST_TEST(arguments.has("ready"));
    BOOST_TEST(arguments.has("pid"));
    check_words(arguments.values("status"), {"up"});
}

BOOST_AUTO_TEST_CASE(a_complete_option_name_is_not_an_abbreviation) {
    const Arguments arguments = parsed({"--fd=3"});
    check_words(arguments.values("fd"), {"3"});
    BOOST_TEST(!arguments.has("fdname"));
}

BOOST_AUTO_TEST_CASE(an_option_value_may_be_any_text) {
    const Arguments arguments =
        parsed({"--status", "--ready", "--stat", "--", "--status", "", "--status=", "--status",
                "-h", "--pid=", "-d", "dir", "-qd", "-q", "-ddir", "-d", "", "-P", "--help"});
    BOOST_TEST(!arguments.has("ready"));
    BOOST_TEST(!arguments.has("help"));
    BOOST_TEST(arguments.value("pid").value() == "");
    check_words(arguments.values("status"), {"--ready", "--", "", "", "-h"});
    check_words(arguments.values("shared-dir"), {"dir", "-q", "dir", ""});
    check_words(arguments.values("-P"), {"--help"});
    BOOST_TEST(arguments.operands().empty());
}

BOOST_AUTO_TEST_CASE(a_single_dash_is_an_operand) {
    const Arguments arguments = parsed({"-", "--ready", ""});
    BOOST_TEST(arguments.has("ready"));
    check_words(arguments.operands(), {"-", ""});
}

BOOST_AUTO_TEST_CASE(arguments_after_help_are_not_read_by_getopt) {
    for (const Words& arguments : {Words{"-h", "--nope"}, Words{"-hx"}, Words{"-qhx", "-d"}})
        BOOST_TEST(parsed(arguments).has("help"));
    BOOST_TEST(parsed({"A=1", "--ready", "--vers", "-x", "-h"}).has("version"));
    BOOST_TEST(!parsed({"--version", "-h"}).has("help"));
    BOOST_TEST(!parsed({"--", "-h", "--nope"}).has("help"));
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
    {{"--=x"}, "unrecognized option '--=x'"},
    {{"-\n"}, "invalid option -- '\\n'"},
    {{"--re"}, "option '--re' is ambiguous; possibilities: '--ready' '--reloading'"},
    {{"--s=up"}, "option '--s=up' is ambiguous; possibilities: '--status' '--shared-dir'"},
};

}  // namespace

BOOST_DATA_TEST_CASE(a_usage_error_has_the_text_of_getopt, refusals, refusal) {
    BOOST_CHECK_EXCEPTION(parsed(refusal.arguments), UsageError,
                          [&](const UsageError& error) { return error.what() == refusal.text; });
}

BOOST_AUTO_TEST_CASE(arguments_of_the_command_are_not_read_as_options) {
    const auto at_semicolon = [](const Arguments& before, std::string_view operand) {
        return operand == ";" && before.has("ready");
    };
    const Arguments arguments = parse_as_getopt(
        usage, Words{";", "A=1", "--ready", ";", "echo", "--quiet", "--"}, at_semicolon);
    BOOST_TEST(!arguments.has("quiet"));
    check_words(arguments.operands(), {";", "A=1", ";", "echo", "--quiet", "--"});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::cli
