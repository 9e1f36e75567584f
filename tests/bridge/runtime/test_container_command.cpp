#include "bridge/runtime/container_command.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "bridge/runtime/container_config.hpp"
#include "support/words.hpp"

namespace notifybridge::runtime::test_container_command {
namespace {

using test::words_of;

/// A command, and the changed command.
struct Row {
    const char* command;
    const char* changed;

    friend std::ostream& operator<<(std::ostream& out, const Row& row) {
        return out << row.command;
    }
};

const Row rows[] = {
    {R"(["app"])",
     R"(["/run/.notifybridge","wrap","--health-cmd=x","-q","--health=use","--","app"])"},
    {R"([ "/opt/container-notify-wrapper" , "app"])",
     R"(["/run/.notifybridge","wrap","--health-cmd=x","--health=use" , "app"])"},
    {R"(["container-notify-wrapper"])",
     R"(["/run/.notifybridge","wrap","--health-cmd=x","--health=use"])"},
    {R"(["/usr/bin/notifybridge", "wrap", "--health-cmd=mine"])",
     R"(["/run/.notifybridge","wrap","--health-cmd=x","--health=use", "--health-cmd=mine"])"},
    {R"(["notifybridge", "init", "wrap"])", R"(["notifybridge", "init", "wrap"])"},
    {R"(["/run/.notifybridge", "wrap", "app"])", R"(["/run/.notifybridge", "wrap", "app"])"},
};

boost::json::array arguments_in(std::string_view text) {
    return boost::json::parse(text).as_array();
}

std::string changed(std::string_view text, const Wish& wish) {
    const auto edit = command_edit(text, arguments_in(text), wish);
    return edit ? edited(text, {*edit}) : std::string(text);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(container_command)

BOOST_DATA_TEST_CASE(a_wrap_in_the_image_gets_only_the_health_check, rows, row) {
    Wish wish;
    wish.options = words_of("-q --health=use");
    wish.health_check = words_of("--health-cmd=x");
    BOOST_TEST(changed(row.command, wish) == row.changed);
}

BOOST_AUTO_TEST_CASE(a_wrap_in_the_image_gets_a_check_from_the_options) {
    Wish wish;
    wish.options =
        words_of("--ready-when=start --health-cmd x --health-retries=2 --no-healthcheck");
    BOOST_TEST(changed(R"(["container-notify-wrapper"])", wish)
               == R"(["/run/.notifybridge","wrap","--health-cmd","x","--health-retries=2",)"
                  R"("--no-healthcheck"])");
}

BOOST_AUTO_TEST_CASE(a_wrap_in_the_image_stays_unchanged_without_a_check) {
    Wish wish;
    wish.options = words_of("--ready-when=start --health=use");
    BOOST_TEST(changed(R"(["container-notify-wrapper"])", wish)
               == R"(["container-notify-wrapper"])");
}

BOOST_AUTO_TEST_CASE(our_programs_other_than_wrap_run_no_health_check) {
    BOOST_TEST(command_runs_health_check(arguments_in(R"(["app"])")));
    BOOST_TEST(command_runs_health_check(arguments_in(R"(["container-notify-wrapper"])")));
    BOOST_TEST(command_runs_health_check(arguments_in(R"(["notifybridge", "wrap"])")));
    BOOST_TEST(!command_runs_health_check(arguments_in(R"(["notifybridge", "init"])")));
    BOOST_TEST(!command_runs_health_check(arguments_in(R"(["notifybridge"])")));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime::test_container_command
