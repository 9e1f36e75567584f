#include "init/daemon/role.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::daemon {

BOOST_AUTO_TEST_SUITE(role)

BOOST_AUTO_TEST_CASE(process_1_is_the_manager_of_its_container) {
    BOOST_TEST((role_of({.is_first = true}) == Role::container));
    BOOST_TEST((role_of({.is_first = true, .has_systemd = true}) == Role::container));
    BOOST_TEST((role_of({.has_own_root = true, .is_first = true}) == Role::separate));
}

BOOST_AUTO_TEST_CASE(root_is_the_manager_of_a_container_that_has_none) {
    BOOST_TEST((role_of({.is_root = true, .is_contained = true}) == Role::container));
    BOOST_TEST(
        (role_of({.is_root = true, .is_contained = true, .has_systemd = true}) == Role::guest));
    BOOST_TEST((role_of({.is_root = true}) == Role::guest));
    BOOST_TEST((role_of({.is_contained = true}) == Role::guest));
    BOOST_TEST((role_of({}) == Role::separate));
}

BOOST_AUTO_TEST_CASE(a_guest_is_told_why_and_what_is_missing) {
    for (const auto& [facts, why] :
         {std::pair(RoleFacts{.is_root = true, .has_systemd = true}, "systemd manages it"),
          std::pair(RoleFacts{.is_root = true}, "this is not a container"),
          std::pair(RoleFacts{.is_contained = true}, "neither process 1 nor root")})
        for (const char* const part :
             {why, "generators", "/run/systemd/system", "org.freedesktop.systemd1"})
            BOOST_TEST(describe_guest(facts).find(part) != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::daemon
