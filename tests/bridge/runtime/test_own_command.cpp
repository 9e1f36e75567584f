#include "bridge/runtime/own_command.hpp"

#include <boost/test/unit_test.hpp>
#include <vector>

namespace notifybridge::runtime {

BOOST_AUTO_TEST_SUITE(own_command)

BOOST_AUTO_TEST_CASE(the_subcommand_is_found_in_our_command_line) {
    using Words = std::vector<std::string>;
    BOOST_TEST(own_subcommand(Words{"/usr/bin/notifybridge", "run", "podman"}) == "run");
    BOOST_TEST(own_subcommand(Words{"/opt/container-notify-wrapper", "run"}) == "wrap");
    BOOST_TEST(own_subcommand(Words{"host-notify-waiter"}) == "wait");
    BOOST_TEST(own_subcommand(Words{"notifybridge"}) == "");
    BOOST_TEST(own_subcommand(Words{"podman", "wait"}) == "");
    BOOST_TEST(own_subcommand(Words{}) == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime
