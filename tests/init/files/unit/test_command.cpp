#include "init/files/unit/command.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>

#include "names.hpp"

namespace notifybridge::unit {
namespace {

using Words = std::vector<std::string>;

ParsedCommands parse(std::string_view line) {
    const Facts facts;
    const UnitName name = test::name("a@b.service");
    return parse_commands(line, {facts, name, ""});
}

struct Line {
    const char* text;
    std::vector<Words> commands;  ///< The path and argv of each command.

    friend std::ostream& operator<<(std::ostream& out, const Line& line) {
        return out << line.text;
    }
};

const Line lines[] = {
    {"/bin/true", {{"/bin/true", "/bin/true"}}},
    {"true a", {{"true", "true", "a"}}},
    {"@/bin/true zero one", {{"/bin/true", "zero", "one"}}},
    {"@/bin/true \"\"", {{"/bin/true", ""}}},
    {"/bin//./true", {{"/bin/true", "/bin//./true"}}},
    {"'/bin/a b' \"c d\"e 'f'", {{"/bin/a b", "/bin/a b", "c de", "f"}}},
    {"/bin/a %i %% \\x41\\q", {{"/bin/a", "/bin/a", "b", "%", "A\\q"}}},
    {"/bin/a ; /bin/b 1", {{"/bin/a", "/bin/a"}, {"/bin/b", "/bin/b", "1"}}},
    {"/bin/a \\; ; /bin/b", {{"/bin/a", "/bin/a", ";"}, {"/bin/b", "/bin/b"}}},
    {"/bin/a a;b ';' ;c", {{"/bin/a", "/bin/a", "a;b", ";", ";c"}}},
    {"; /bin/a ;", {{"/bin/a", "/bin/a"}}},
    {"/bin/a $A ${B} $$", {{"/bin/a", "/bin/a", "$A", "${B}", "$$"}}},
};

struct Failure {
    const char* text;
    bool is_refused;
    std::size_t before;  ///< The number of commands before the failure.

    friend std::ostream& operator<<(std::ostream& out, const Failure& failure) {
        return out << failure.text;
    }
};

const Failure failures[] = {
    {"-", false, 0},          {"/bin/", true, 0},       {"-/bin/", false, 0},
    {"./x", true, 0},         {"..", true, 0},          {"/bin/a \"b", true, 0},
    {"-/bin/a 'b", false, 0}, {"'/bin/a", false, 0},    {"@/bin/a", true, 0},
    {"/bin/%Z", true, 0},     {"/bin/a %Z", true, 0},   {"/bin/a ; /bin/", true, 1},
    {"/bin/a\\x01", true, 0}, {"/bin/a\\x22", true, 0},
};

struct Variables {
    Words argv;
    Words expanded;

    friend std::ostream& operator<<(std::ostream& out, const Variables& variables) {
        for (const std::string& word : variables.argv)
            out << word << ' ';
        return out;
    }
};

const Environment environment = {"ONE=one", "TWO=two two", "QUOTED='a b' \"c d\"",
                                 "EMPTY=", "OPEN=a 'b c"};

// The results are from systemd.service(5), COMMAND LINES, and from a real systemd.
const Variables variables[] = {
    {{"$ONE", "$TWO"}, {"one", "two", "two"}},
    {{"${ONE}", "${TWO}", "a${TWO}b"}, {"one", "two two", "atwo twob"}},
    {{"$QUOTED", "${QUOTED}"}, {"a b", "c d", "'a b' \"c d\""}},
    {{"$EMPTY", "$UNSET", "x"}, {"x"}},
    {{"${EMPTY}", "${UNSET}"}, {"", ""}},
    {{"$OPEN"}, {"a", "b c"}},
    {{"a$ONE", "$ONE,", "$TWO$ONE"}, {"a$ONE"}},
    {{"$$", "$$ONE", "a$$b", "$${ONE}"}, {"$", "$ONE", "a$b", "${ONE}"}},
    {{"$"}, {}},
    {{"a$", "${ONE", "${ONE:-x}", "${}"}, {"a$", "${ONE", "${ONE:-x}", ""}},
    {{"${ONE}${TWO}", "$a${ONE}"}, {"onetwo two"}},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(command)

BOOST_DATA_TEST_CASE(an_exec_line_is_split_into_commands, lines, line) {
    const ParsedCommands parsed = parse(line.text);
    BOOST_TEST(parsed.failure == "");
    BOOST_TEST_REQUIRE(parsed.commands.size() == line.commands.size());
    for (std::size_t at = 0; at < line.commands.size(); ++at) {
        Words words = {parsed.commands[at].path};
        words.insert(words.end(), parsed.commands[at].argv.begin(), parsed.commands[at].argv.end());
        BOOST_TEST(words == line.commands[at], boost::test_tools::per_element());
    }
}

BOOST_DATA_TEST_CASE(an_invalid_command_is_refused_unless_its_failure_is_ignored, failures,
                     failure) {
    const ParsedCommands parsed = parse(failure.text);
    BOOST_TEST(parsed.failure != "");
    BOOST_TEST(parsed.is_refused == failure.is_refused);
    BOOST_TEST(parsed.commands.size() == failure.before);
}

BOOST_AUTO_TEST_CASE(prefixes_of_a_command_may_have_any_order_but_occur_once) {
    const Command command = parse("-:@+/bin/a zero").commands.at(0);
    BOOST_TEST(command.ignores_failure);
    BOOST_TEST(!command.expands_variables);
    BOOST_TEST((command.privileges == Privileges::full));
    BOOST_TEST(command.argv.at(0) == "zero");
    BOOST_TEST((parse("!/bin/a").commands.at(0).privileges == Privileges::no_user_change));
    BOOST_TEST((parse("!!/bin/a").commands.at(0).privileges == Privileges::ambient_or_none));
    for (const char* const twice : {"--/bin/a", "+!/bin/a", "!!!/bin/a", "::/bin/a"})
        BOOST_TEST(parse(twice).commands.empty(), twice);
}

BOOST_DATA_TEST_CASE(variables_in_a_command_are_replaced_when_it_is_run, variables, one) {
    BOOST_TEST(expand_variables(one.argv, environment) == one.expanded,
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::unit
