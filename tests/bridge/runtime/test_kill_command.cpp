#include "bridge/runtime/kill_command.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "base/util/concat.hpp"
#include "support/temporary_directory.hpp"
#include "support/words.hpp"

namespace notifybridge::runtime::test_kill_command {
namespace {

using test::words_of;
using Words = std::vector<std::string>;

Words kill(const std::string& line) {
    const auto command = kill_command(words_of(line));
    return command ? runtime::words_of(*command) : Words();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kill_command_line)

BOOST_AUTO_TEST_CASE(the_kill_command_keeps_the_managers_options) {
    BOOST_TEST(kill("podman run --rm --name=app redis") == words_of("podman kill app"));
    BOOST_TEST(kill("/usr/bin/docker -H unix:///run/x.sock container run --name app redis")
               == words_of("/usr/bin/docker -H unix:///run/x.sock kill app"));
    BOOST_TEST(kill("podman --root=/x --runtime=/y run --name=app redis")
               == words_of("podman --root=/x --runtime=/y kill app"));
}

BOOST_AUTO_TEST_CASE(the_cidfile_identifies_a_container_without_a_name) {
    const test::TemporaryDirectory directory;
    const std::string line = util::concat("podman run --cidfile ", directory.path("id"), " redis");
    BOOST_TEST(kill(line).empty());
    directory.write("id", "0123abc\n");
    BOOST_TEST(kill(line) == words_of("podman kill 0123abc"));
    directory.write("id", "--all");
    BOOST_TEST(kill(line).empty());
}

BOOST_AUTO_TEST_CASE(a_command_without_a_container_name_has_no_kill_command) {
    for (const char* const line :
         {"podman run redis", "podman run redis --name=app", "podman exec app true", "sh -c true"})
        BOOST_TEST(kill(line).empty(), line);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime::test_kill_command
