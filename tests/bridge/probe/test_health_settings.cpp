#include "bridge/probe/health_settings.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>

namespace notifybridge::probe {
namespace {

using namespace std::chrono_literals;
using Words = std::vector<std::string>;

const Words usual_shell(std::begin(usual_health_shell), std::end(usual_health_shell));

Words parse(std::string_view text) {
    return parse_health_command(text, usual_shell);
}

/// Returns the words that run `line` in the usual shell.
Words shell(std::string line) {
    return {"/bin/sh", "-c", std::move(line)};
}

struct Line {
    std::string_view text;
    Words command;

    friend std::ostream& operator<<(std::ostream& out, const Line& line) {
        return out << line.text;
    }
};

const Line lines[] = {
    {"curl -f http://localhost/ || exit 1", shell("curl -f http://localhost/ || exit 1")},
    {"[ -e /ready ]", shell("[ -e /ready ]")},
    {"[1]", shell("[1]")},
    {"[\"/bin/check\"", shell("[\"/bin/check\"")},
    {"[\"/bin/check\", \"a b\", \"\"]", {"/bin/check", "a b", ""}},
    {"[\"curl -f http://localhost/\"]", shell("curl -f http://localhost/")},
    {"[\"CMD\", \"/bin/check\"]", {"/bin/check"}},
    {"[\"CMD\", \"/bin/check\", \"$HOME\"]", {"/bin/check", "$HOME"}},
    {"[\"CMD-SHELL\", \"/bin/check || exit 1\"]", shell("/bin/check || exit 1")},
    {"[\"CMD-SHELL\", \"/bin/check\", \"now\"]", shell("/bin/check now")},
    {"[\"cmd\", \"/bin/check\"]", {"/bin/check"}},
    {"CMD /bin/check  now", {"/bin/check", "now"}},
    {"CMD-SHELL /bin/check && true", shell("/bin/check && true")},
    {"cmd-shell /bin/check", shell("/bin/check")},
    {"CMDR", shell("CMDR")},
    {"[\"NONE\"]", {}},
    {"[\"NONE\", \"rest\"]", {}},
    {"none", {}},
    {"NONE", {}},
    {" none ", {}},
};

const std::string_view without_command[] = {
    "",
    " ",
    "[]",
    "[\"\"]",
    "[\" \"]",
    "[\"CMD\"]",
    "CMD",
    "CMD-SHELL",
    "[\"CMD-SHELL\"]",
    "[\"CMD\", \"\"]",
    "[\"\", \"a\"]",
    "[\"CMD-SHELL\", \" \"]",
};

struct Span {
    std::string_view text;
    std::chrono::microseconds value;

    friend std::ostream& operator<<(std::ostream& out, const Span& span) {
        return out << span.text;
    }
};

const Span spans[] = {
    {"30s", 30s},
    {"1m30s", 90s},
    {"1h0m0s", 1h},
    {"1.5s", 1500ms},
    {"0", 0s},
    {"0s", 0s},
    {"0ns", 0s},
    {"1ns", 1ms},
    {"500us", 1ms},
    {"1ms", 1ms},
    {"1000001ns", 1001us},
    {"1s1ns", 1000001us},
    {"87600h", 87600h},
    {"10y", 87660h},
    {"infinity", std::chrono::years(100)},
    {"1000y", std::chrono::years(100)},
};

const std::string_view no_spans[] = {"", "-1s", "soon", "ns", "1.5ns", "-1ns", "disable", "1x"};

}  // namespace

BOOST_AUTO_TEST_SUITE(health_settings)

BOOST_DATA_TEST_CASE(a_health_command_is_a_line_or_an_array, lines) {
    BOOST_TEST(parse(sample.text) == sample.command, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_health_command_line_is_run_by_the_given_shell) {
    const Words bash{"/bin/bash", "-o", "pipefail", "-c"};
    const Words wanted{"/bin/bash", "-o", "pipefail", "-c", "a | b"};
    for (const std::string_view text : {"a | b", "[\"CMD-SHELL\", \"a | b\"]"})
        BOOST_TEST(parse_health_command(text, bash) == wanted, boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(a_health_check_without_a_command_is_refused, without_command) {
    BOOST_CHECK_EXCEPTION(parse(sample), HealthError, [](const HealthError& error) {
        return std::string_view(error.what()).find("has no command") != std::string_view::npos;
    });
}

BOOST_AUTO_TEST_CASE(a_nul_byte_in_a_health_command_is_refused) {
    BOOST_CHECK_THROW(parse(std::string_view("a\0b", 3)), HealthError);
    BOOST_CHECK_THROW(parse("[\"a\\u0000b\", \"c\"]"), HealthError);
    BOOST_CHECK_THROW(parse_health_shell("[\"a\\u0000b\"]"), HealthError);
}

BOOST_AUTO_TEST_CASE(a_health_command_keeps_bytes_that_are_not_utf8) {
    BOOST_TEST(parse("[\"CMD\", \"/\xff\"]").front() == "/\xff");
    BOOST_TEST(parse("/\xff").back() == "/\xff");
}

BOOST_AUTO_TEST_CASE(the_shell_of_a_health_check_is_an_array_of_strings) {
    BOOST_TEST(parse_health_shell("[\"/bin/bash\", \"-c\"]") == Words({"/bin/bash", "-c"}),
               boost::test_tools::per_element());
    for (const std::string_view text :
         {"", "/bin/bash -c", "[]", "[\"\"]", "[1]", "{}", "[\"a\"] b"})
        BOOST_CHECK_THROW(parse_health_shell(text), HealthError);
}

BOOST_DATA_TEST_CASE(spans_of_health_checks_are_parsed_as_in_systemd_and_go, spans) {
    BOOST_TEST(parse_health_span(sample.text).count() == sample.value.count());
}

BOOST_DATA_TEST_CASE(invalid_spans_of_health_checks_are_refused, no_spans) {
    BOOST_CHECK_THROW(parse_health_span(sample), HealthError);
}

BOOST_AUTO_TEST_CASE(the_interval_of_a_health_check_may_be_disabled) {
    BOOST_TEST(parse_health_interval("disable").count() == 0);
    BOOST_TEST(parse_health_interval("0").count() == 0);
    BOOST_TEST((parse_health_interval("1m") == 60s));
    BOOST_CHECK_THROW(parse_health_interval("Disable"), HealthError);
}

BOOST_AUTO_TEST_CASE(the_retries_of_a_health_check_are_a_number) {
    BOOST_TEST(parse_health_retries("3") == 3U);
    BOOST_TEST(parse_health_retries("1") == 1U);
    for (const std::string_view text : {"", "0", "-1", "many", "1.5", "4294967296"})
        BOOST_CHECK_THROW(parse_health_retries(text), HealthError);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::probe
