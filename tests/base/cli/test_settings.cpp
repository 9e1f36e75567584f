#include "base/cli/settings.hpp"

#include <fcntl.h>
#include <pty.h>
#include <stdlib.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

namespace notifybridge::cli::test_settings {
namespace {

constexpr std::array<Option, 1> options = {{{"timeout", 0, "SPAN", "how long to wait"}}};
const Usage usage = {"wait", "", "", options, ""};

}  // namespace

BOOST_AUTO_TEST_SUITE(settings)

BOOST_AUTO_TEST_CASE(an_empty_environment_variable_counts_as_unset) {
    ::setenv("NOTIFYBRIDGE_TEST", "x", 1);
    BOOST_TEST(variable("NOTIFYBRIDGE_TEST").value() == "x");
    ::setenv("NOTIFYBRIDGE_TEST", "", 1);
    BOOST_TEST(!variable("NOTIFYBRIDGE_TEST").has_value());
    ::unsetenv("NOTIFYBRIDGE_TEST");
    BOOST_TEST(!variable("NOTIFYBRIDGE_TEST").has_value());
}

BOOST_AUTO_TEST_CASE(a_terminal_gets_colours_unless_a_variable_forbids_them) {
    int terminal = -1;
    int other_end = -1;
    BOOST_REQUIRE(::openpty(&other_end, &terminal, nullptr, nullptr, nullptr) == 0);
    const system::UniqueFd owned(terminal);
    const system::UniqueFd owned_other_end(other_end);
    const auto with = [&](const char* term, const char* no_color) {
        ::setenv("TERM", term, 1);
        ::setenv("NO_COLOR", no_color, 1);
        return wants_colour(owned);
    };
    BOOST_TEST(with("xterm", ""));
    BOOST_TEST(with("", ""));
    BOOST_TEST(!with("dumb", ""));
    BOOST_TEST(!with("xterm", "1"));
    const system::UniqueFd file(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    ::unsetenv("NO_COLOR");
    BOOST_TEST(!wants_colour(file));
}

BOOST_AUTO_TEST_CASE(a_time_span_option_is_parsed) {
    const std::vector<std::string> given = {"--timeout=1min 30s"};
    BOOST_TEST(time_span_option(parse(usage, given), "timeout").value().count() == 90'000'000);
    BOOST_TEST(!time_span_option(parse(usage, {}), "timeout").has_value());
}

BOOST_AUTO_TEST_CASE(an_error_about_a_time_span_names_its_setting) {
    for (const std::string value : {"abc", "-1", ""})
        BOOST_CHECK_EXCEPTION(parse_time_span_setting("TIMEOUT", value), UsageError,
                              [&](const UsageError& error) {
                                  const std::string text = error.what();
                                  return text.find("TIMEOUT") == 0
                                         && text.find('"' + value + '"') != std::string::npos;
                              });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::cli::test_settings
