#include "bridge/diagnosis/docker_address.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/util/concat.hpp"
#include "support/privileges.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::diagnosis::test_docker_address {
namespace {

using boost::unit_test::precondition;
using util::concat;

constexpr uid_t another = 4242;

/// A directory in place of /run/user, with the socket of our own dockerd.
struct Users {
    test::TemporaryDirectory places;
    std::string own = places.path(concat(::geteuid()));
    std::string socket = concat(own, "/docker.sock");

    Users() {
        std::filesystem::create_directory(own);
        std::ofstream(socket).flush();
    }

    bool trusts(const std::string& path, uid_t user = ::geteuid()) const {
        return is_docker_trusted(user, concat("unix://", path), places.path());
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(docker_address, Users)

BOOST_AUTO_TEST_CASE(only_the_exact_path_of_our_own_socket_is_trusted) {
    BOOST_TEST(trusts(socket));
    BOOST_TEST(trusts(socket, 0));
    for (const char* const end : {"/../../evil/docker.sock", "/./docker.sock", "//docker.sock",
                                  "/x/../docker.sock", "/other.sock", "/docker.sock/", ""})
        BOOST_TEST(!trusts(concat(own, end)), end);
    BOOST_TEST(!trusts(places.path("4242/docker.sock")));
    BOOST_TEST(!trusts(places.path(concat("0", ::geteuid(), "/docker.sock"))));
    BOOST_TEST(!is_docker_trusted(0, "unix:///run/user/0/../../evil/docker.sock"));
}

BOOST_AUTO_TEST_CASE(a_missing_socket_of_our_own_is_trusted) {
    std::filesystem::remove(socket);
    BOOST_TEST(trusts(socket));
}

BOOST_AUTO_TEST_CASE(the_unit_of_another_user_names_only_the_machines_dockerd) {
    for (const char* const path : {"/run/docker.sock", "/var/run/docker.sock"})
        BOOST_TEST(trusts(path, another));
    BOOST_TEST(!trusts(socket, another));
    BOOST_TEST(!trusts("/run/../evil/docker.sock", another));
    BOOST_TEST(!is_docker_trusted(another, ""));
    BOOST_TEST(!is_docker_trusted(another, "tcp://127.0.0.1:1"));
}

BOOST_AUTO_TEST_CASE(the_machines_dockerd_is_trusted) {
    BOOST_TEST(is_docker_trusted(0, ""));
    BOOST_TEST(trusts("/run/docker.sock"));
}

BOOST_AUTO_TEST_CASE(another_owner_of_socket_or_directory_is_not_trusted,
                     *precondition(test::is_root)) {
    BOOST_TEST_REQUIRE(::chown(socket.c_str(), another, another) == 0);
    BOOST_TEST(!trusts(socket));
    BOOST_TEST_REQUIRE(::chown(socket.c_str(), 0, 0) == 0);
    BOOST_TEST_REQUIRE(::chown(own.c_str(), another, another) == 0);
    BOOST_TEST(!trusts(socket));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::diagnosis::test_docker_address
