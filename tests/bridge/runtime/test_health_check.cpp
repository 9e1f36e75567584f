#include "bridge/runtime/health_check.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "base/util/concat.hpp"
#include "bridge/runtime/refusal.hpp"
#include "support/words.hpp"

namespace notifybridge::runtime::test_health_check {
namespace {

using test::words_of;
using util::concat;
using Words = std::vector<std::string>;

Words words_in(std::string_view config) {
    return health_words(boost::json::parse({config.data(), config.size()}));
}

struct Row {
    const char* options;
    bool uses;

    friend std::ostream& operator<<(std::ostream& out, const Row& row) {
        return out << row.options;
    }
};

const Row rows[] = {
    {"", true},
    {"--health=use", true},
    {"--health=both", true},
    {"--health=ignore", false},
    {"--health ignore", false},
    {"--health=ignore --health=use", true},
    {"--no-healthcheck", false},
    {"--health-cmd=x", true},
    {"--stop-signal=INT --verbose", true},
    {"--ready-when=start", false},
    {"--ready-when tcp:127.0.0.1:80", false},
    {"--alive-when=process", false},
    {"--ready-when=healthy", true},
    {"--ready-when=start --alive-when healthy", true},
    {"--ready-when=healthy --health=ignore", false},
    {"--ready-timeout=5", true},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(health_check)

BOOST_AUTO_TEST_CASE(the_healthcheck_of_docker_becomes_options_of_wrap) {
    const Words expected = {R"(--health-cmd=["CMD-SHELL","curl -f \"http://localhost/\""])",
                            R"(--health-shell=["/bin/bash","-c"])",
                            "--health-interval=5000000000ns",
                            "--health-timeout=1500000000ns",
                            "--health-start-period=60000000000ns",
                            "--health-start-interval=1000000ns",
                            "--health-retries=2"};
    const Words words = words_in(R"({"Cmd": ["/app"], "Shell": ["/bin/bash", "-c"],
        "Healthcheck": {"Test": ["CMD-SHELL", "curl -f \"http://localhost/\""],
            "Interval": 5000000000, "Timeout": 1500000000, "StartPeriod": 60000000000,
            "StartInterval": 1000000, "Retries": 2}})");
    BOOST_TEST(words == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(zeros_and_nulls_in_a_healthcheck_are_defaults) {
    const Words expected = {R"(--health-cmd=["CMD","/check"])"};
    for (const char* const config :
         {R"({"Healthcheck": {"Test": ["CMD", "/check"]}})",
          R"({"Shell": null, "Healthcheck": {"Test": ["CMD", "/check"], "Interval": 0,
              "Timeout": 0, "StartPeriod": 0, "StartInterval": null, "Retries": 0}})"})
        BOOST_TEST(words_in(config) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_check_named_none_becomes_the_option_no_healthcheck) {
    BOOST_TEST(words_in(R"({"Healthcheck": {"Test": ["NONE"]}})") == Words{"--no-healthcheck"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_image_without_a_healthcheck_gives_no_options) {
    for (const char* const config :
         {"null", "{}", "[]", R"({"Healthcheck": null})", R"({"Healthcheck": {}})",
          R"({"Healthcheck": {"Test": null}})", R"({"Healthcheck": {"Test": [], "Retries": 3}})"})
        BOOST_TEST(words_in(config).empty(), config);
}

BOOST_AUTO_TEST_CASE(a_damaged_health_check_is_refused) {
    for (const char* const config : {R"({"Healthcheck": 1})", R"({"Healthcheck": {"Test": "CMD"}})",
                                     R"({"Healthcheck": {"Test": ["CMD", 1]}})",
                                     R"({"Healthcheck": {"Test": ["CMD", "x"], "Interval": "5s"}})",
                                     R"({"Healthcheck": {"Test": ["CMD", "x"], "Timeout": -1}})",
                                     R"({"Healthcheck": {"Test": ["CMD", "x"], "Retries": 1e99}})",
                                     R"({"Shell": "sh", "Healthcheck": {"Test": ["CMD", "x"]}})"})
        BOOST_CHECK_THROW(words_in(config), Refusal);
}

BOOST_AUTO_TEST_CASE(a_healthcheck_without_a_command_is_refused) {
    for (const char* const test :
         {R"(["CMD"])", R"(["CMD", ""])", R"(["CMD-SHELL"])", R"(["CMD-SHELL", " "])", R"([""])"})
        BOOST_CHECK_THROW(words_in(concat(R"({"Healthcheck": {"Test": )", test, "}}")), Refusal);
    BOOST_TEST(
        words_in(R"({"Healthcheck": {"Test": ["x y"]}})") == Words{R"(--health-cmd=["x y"])"},
        boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(options_decide_whether_wrap_runs_a_health_check, rows, row) {
    BOOST_TEST(uses_health_check(words_of(row.options)) == row.uses);
}

BOOST_AUTO_TEST_CASE(a_health_command_in_the_options_is_found) {
    BOOST_TEST(has_health_command(words_of("--verbose --health-cmd=x")));
    BOOST_TEST(has_health_command(words_of("--health-cmd x")));
    BOOST_TEST(!has_health_command(words_of("--health-interval=1s --health-cmd")));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime::test_health_check
