#include "bridge/runtime/manager.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::runtime {
namespace {

BOOST_AUTO_TEST_SUITE(manager_rows)

BOOST_AUTO_TEST_CASE(a_manager_is_found_by_its_name_or_path) {
    for (const char* const name : {"podman", "docker", "nerdctl"}) {
        const Manager* const manager = find_manager(name);
        BOOST_TEST_REQUIRE(manager);
        BOOST_TEST(manager->name.view() == name);
        BOOST_TEST(find_manager(std::string("/usr/bin/") + name) == manager);
    }
    for (const char* const name : {"", "podman-compose", "Docker", "crun"})
        BOOST_TEST(!find_manager(name));
}

BOOST_AUTO_TEST_CASE(messages_name_all_managers) {
    BOOST_TEST(manager_names() == "podman, docker or nerdctl");
}

BOOST_AUTO_TEST_CASE(a_compose_file_of_an_unknown_manager_names_crun) {
    BOOST_TEST(runtime_name("docker") == "notifybridge");
    BOOST_TEST(runtime_name("") == "/usr/libexec/notifybridge/crun");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::runtime
