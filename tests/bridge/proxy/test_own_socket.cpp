#include "bridge/proxy/own_socket.hpp"

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "base/util/concat.hpp"
#include "bridge/proxy/parse_all.hpp"
#include "bridge/proxy/sockets.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::proxy {
namespace {

using util::concat;

struct OwnSocket {
    test::TemporaryDirectory directory;
    std::string path = directory.path("web.sock");

    static Specification at(std::string_view where) {
        return parse_specification(concat(where, "=tcp:127.0.0.1:80"));
    }

    /// Returns why the socket cannot be opened.
    static std::string refusal(std::string_view where) {
        try {
            listen_at_own_address(at(where));
        } catch (const SocketError& error) {
            return error.what();
        }
        return {};
    }

    static bool has(const std::string& text, std::string_view part) {
        return text.find(part) != text.npos;
    }
};

BOOST_FIXTURE_TEST_SUITE(own_socket, OwnSocket)

BOOST_AUTO_TEST_CASE(a_path_is_open_to_all_users_and_replaces_an_old_socket) {
    for (const char* const time : {"first", "second"}) {
        const system::UniqueFd socket = listen_at_own_address(at(concat("unix:", path)));
        BOOST_TEST((kind_of(socket) == SocketKind::listening_stream), time);
        struct stat found {};
        BOOST_TEST_REQUIRE(::stat(path.c_str(), &found) == 0);
        BOOST_TEST((found.st_mode & 07777) == 0666u);
        BOOST_TEST(has(refusal(concat("unix:", path)), "another process listens on this socket"));
    }
}

BOOST_AUTO_TEST_CASE(a_file_at_the_path_stays) {
    std::ofstream(path) << "text";
    BOOST_TEST(has(refusal(concat("unix:", path)), "is not a socket"));
    BOOST_TEST(has(refusal(concat("unix:", path, "/x")), "cannot listen at unix:"));
    BOOST_TEST(has(refusal(concat("unix:", directory.path("none/x"))), "RuntimeDirectory="));
    BOOST_TEST(std::ifstream(path).get() == 't');
}

BOOST_AUTO_TEST_CASE(a_port_has_one_listener) {
    // The kernel chooses a free port.
    Specification any = at("127.0.0.1:1");
    any.own->address = *system::SocketAddress::internet("127.0.0.1", 0);
    const system::UniqueFd socket = listen_at_own_address(any);
    sockaddr_in found{};
    socklen_t size = sizeof found;
    BOOST_TEST_REQUIRE(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&found), &size)
                       == 0);
    const auto port = ntohs(found.sin_port);
    BOOST_TEST(has(refusal(concat("127.0.0.1:", port)), "another process listens on this port"));
    BOOST_TEST(has(refusal("192.0.2.1:80"), "this machine does not have this address"));
}

BOOST_AUTO_TEST_CASE(only_own_sockets_are_added_to_those_of_systemd) {
    std::vector<system::UniqueFd> fds;
    std::vector<std::string> names;
    add_own_sockets(parse_all({"web=tcp:127.0.0.1:80", concat("unix:", path, "=tcp:127.0.0.1:80")}),
                    fds, names);
    BOOST_TEST_REQUIRE(names.size() == 1u);
    BOOST_TEST(names.front() == at(concat("unix:", path)).name);
    BOOST_TEST((kind_of(fds.front()) == SocketKind::listening_stream));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::proxy
