#include "bridge/runtime/health_options.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "support/words.hpp"

namespace notifybridge::runtime::test_health_options {
namespace {

using test::words_of;
using Words = std::vector<std::string>;

ManagerCommand places_in(const Words& line) {
    return read_manager_command(line, [](std::string_view) { return std::string(); });
}

HealthOptions read(const Words& line) {
    return read_health_options(line, places_in(line));
}

struct Row {
    const char* line;
    const char* words;  ///< The options of `wrap`.
    const char* rest;   ///< The command line without health options.

    friend std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.line; }
};

const Row rows[] = {
    {"podman run redis", "", "podman run redis"},
    {"podman run --health-cmd 'redis-cli ping' --rm redis", "'--health-cmd=redis-cli ping'",
     "podman run --rm redis"},
    {"podman run --rm --health-cmd=x -it redis --health-cmd=y", "--health-cmd=x",
     "podman run --rm -it redis --health-cmd=y"},
    {R"(podman run '--health-cmd=["a","b"]' redis)", R"('--health-cmd=["a","b"]')",
     "podman run redis"},
    {R"(docker run --health-cmd='CMD a "b"' redis)",
     R"('--health-cmd=["CMD-SHELL","CMD a \\"b\\""]')", "docker run redis"},
    {"docker run --health-cmd=none redis", R"('--health-cmd=["CMD-SHELL","none"]')",
     "docker run redis"},
    {"podman run --health-interval=5s --health-timeout 1m30s --health-retries 2 "
     "--health-start-period=1h --health-start-interval=1s redis",
     "--health-interval=5s --health-timeout=1m30s --health-retries=2 --health-start-period=1h "
     "--health-start-interval=1s",
     "podman run redis"},
    {"docker run --health-interval=0s --health-retries=0 --health-timeout=0m0s redis", "",
     "docker run redis"},
    {"podman run --health-interval=0 --health-retries=0 redis", "--health-interval=0",
     "podman run redis"},
    {"podman run --health-retries=0 --health-cmd=x redis", "--health-retries=0 --health-cmd=x",
     "podman run redis"},
    {"podman create --healthcheck-command x --healthcheck-interval=disable "
     "--healthcheck-retries=1 --healthcheck-start-period 1s --healthcheck-timeout=2s redis",
     "--health-cmd=x --health-interval=disable --health-retries=1 --health-start-period=1s "
     "--health-timeout=2s",
     "podman create redis"},
    {"podman run --health-log-destination=/x --health-max-log-count=1 --health-max-log-size 5 "
     "redis",
     "", "podman run redis"},
    {"podman run --sdnotify=conmon --sdnotify healthy redis", "", "podman run redis"},
    {"podman run --sdnotify=conmon redis", "", "podman run --sdnotify=conmon redis"},
    {"podman run --health-cmd= redis", "", "podman run redis"},
    {"podman --root /x run --name=--health-cmd --health-cmd",
     "--health-cmd=", "podman --root /x run --name=--health-cmd"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(health_options)

BOOST_DATA_TEST_CASE(health_options_of_managers_become_options_of_wrap, rows, row) {
    const Words line = words_of(row.line);
    // A manager refuses an option without a value, and reads an empty command as no command.
    if (line.back() != "--health-cmd")
        BOOST_TEST(read(line).words == words_of(row.words), boost::test_tools::per_element());
    BOOST_TEST(without_health_options(line, places_in(line)) == words_of(row.rest),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_health_command_in_a_command_line_is_recognized) {
    BOOST_TEST(read(words_of("podman run --health-cmd=x redis")).has_command);
    BOOST_TEST(read(words_of("docker run --health-cmd=none redis")).has_command);
    for (const char* const line :
         {"podman run redis", "podman run --health-cmd= redis",
          "podman run --health-cmd=x "
          "--health-cmd= redis",
          "podman run --health-cmd=none redis", "podman run --health-interval=1s redis"})
        BOOST_TEST(!read(words_of(line)).has_command, line);
}

BOOST_AUTO_TEST_CASE(a_switched_off_health_check_is_recognized) {
    for (const char* const line :
         {"podman run --no-healthcheck redis", "docker run --no-healthcheck=true redis",
          "podman run --health-cmd=none redis", "podman run --health-cmd=NONE redis"})
        BOOST_TEST(read(words_of(line)).is_off, line);
    for (const char* const line :
         {"podman run redis", "podman run redis --no-healthcheck",
          "docker run --no-healthcheck=false redis", "docker run --health-cmd=none redis"})
        BOOST_TEST(!read(words_of(line)).is_off, line);
}

BOOST_AUTO_TEST_CASE(health_actions_and_startup_checks_are_reported) {
    BOOST_TEST(read(words_of("podman run --health-on-failure=kill redis")).has_action);
    BOOST_TEST(!read(words_of("podman run --health-on-failure=none redis")).has_action);
    const auto options = read(words_of("podman run --health-startup-cmd x redis"));
    BOOST_REQUIRE(options.ignored.size() == 1U);
    BOOST_TEST(options.ignored.front() == "--health-startup-cmd");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime::test_health_options
