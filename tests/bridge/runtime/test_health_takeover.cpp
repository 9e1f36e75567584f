#include "bridge/runtime/health_takeover.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "support/words.hpp"

namespace notifybridge::runtime::test_health_takeover {
namespace {

using test::words_of;
using Words = std::vector<std::string>;

struct Row {
    const char* line;
    const char* options;  ///< The options of `wrap`.
    const char* image;    ///< The answer about the image; "-" if the image must not be queried.
    const char* words;
    bool switches_off;

    friend std::ostream& operator<<(std::ostream& out, const Row& row) {
        return out << row.line << " by " << row.options;
    }
};

const Row rows[] = {
    // With podman, our runtime finds the image's check later, so the image is not queried now.
    {"podman run redis", "", "-", "--health=use", true},
    {"podman run --health-interval=1s redis", "", "-", "--health=use --health-interval=1s", true},
    {"podman run --health-cmd=x redis", "", "-", "--health=use --health-cmd=x", true},
    {"podman run --health-cmd=x redis", "--health=both", "-", "--health-cmd=x", false},
    {"podman run --health-cmd=x redis", "--health=ignore", "-", "", false},
    {"podman run --health-cmd=x redis", "--ready-when=start", "-", "", false},
    {"podman run --health-cmd=x redis", "--ready-when=healthy", "-", "--health=use --health-cmd=x",
     true},
    {"podman run --health-cmd=x --health-on-failure=kill redis", "", "-", "--health-cmd=x", false},
    {"podman run --no-healthcheck redis", "", "-", "--no-healthcheck", false},
    {"podman run --no-healthcheck redis", "--health-cmd=x", "-", "", false},
    // docker does not store a check that is switched off, so the image is queried first.
    {"docker run redis", "", "--health-cmd=y", "--health-cmd=y", true},
    {"docker run --health-retries=2 redis", "", "--health-cmd=y --health-retries=1",
     "--health-cmd=y --health-retries=1 --health-retries=2", true},
    {"docker run redis", "", "", "", false},
    {"docker run --health-retries=2 redis", "", "", "--health-retries=2", false},
    {"docker run redis", "", "--no-healthcheck", "", false},
    {"docker run redis", "--health=both", "-", "", false},
    {"docker run redis", "--alive-when=process", "-", "", false},
    {"docker run redis", "--health-cmd=z", "-", "", true},
    {"docker run --health-cmd=x redis", "", "-", R"('--health-cmd=["CMD-SHELL","x"]')", true},
    {"docker run --no-healthcheck redis", "", "-", "--no-healthcheck", false},
    // Old versions of nerdctl do not support --no-healthcheck.
    {"nerdctl run redis", "", "-", "", false},
    {"nerdctl run --health-cmd=x redis", "", "-", R"('--health-cmd=["CMD-SHELL","x"]')", true},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(health_takeover)

BOOST_DATA_TEST_CASE(wrap_runs_the_health_check_instead_of_the_manager, rows, row) {
    const Words line = words_of(row.line);
    const auto places = read_manager_command(line, [](std::string_view) { return std::string(); });
    const bool may_ask = std::string_view(row.image) != "-";
    bool has_asked = false;
    const auto takeover = take_over_health_check(line, places, words_of(row.options), [&] {
        has_asked = true;
        return words_of(row.image);
    });
    BOOST_TEST(has_asked == may_ask);
    BOOST_TEST(takeover.words == words_of(row.words), boost::test_tools::per_element());
    BOOST_TEST(takeover.switches_off == row.switches_off);
    BOOST_TEST(takeover.warnings.empty());
}

BOOST_AUTO_TEST_CASE(a_startup_check_is_ignored_with_a_warning) {
    for (const bool both : {false, true}) {
        const Words line = words_of("podman run --health-cmd=x --health-startup-cmd=y redis");
        const auto places =
            read_manager_command(line, [](std::string_view) { return std::string(); });
        const auto takeover = take_over_health_check(
            line, places, words_of(both ? "--health=both" : ""), [] { return Words(); });
        BOOST_REQUIRE(takeover.warnings.size() == (both ? 0U : 1U));
        if (!both)
            BOOST_TEST(takeover.warnings.front().starts_with("ignoring --health-startup-cmd: "));
    }
}

BOOST_AUTO_TEST_CASE(an_unknown_health_option_gives_a_warning) {
    for (const char* const text :
         {"podman run --health-bogus=3 redis", "podman run --health-bogus 3 --health-cmd=x redis",
          "podman run --health-bogus --health-cmd=x redis"}) {
        const Words line = words_of(text);
        const auto places =
            read_manager_command(line, [](std::string_view) { return std::string(); });
        const auto takeover = take_over_health_check(line, places, {}, [] { return Words(); });
        BOOST_REQUIRE(takeover.warnings.size() == 1U);
        BOOST_TEST(
            takeover.warnings.front().starts_with("unknown health option \"--health-bogus\": "));
        const bool has_command = line.size() > 4;
        BOOST_TEST((takeover.words.back() == "--health-cmd=x") == has_command);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime::test_health_takeover
