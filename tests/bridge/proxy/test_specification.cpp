#include "bridge/proxy/specification.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "bridge/proxy/parse_all.hpp"

namespace notifybridge::proxy {
namespace {

struct Good {
    std::string text;
    std::string name;
    std::string target;
    std::size_t addresses;

    friend std::ostream& operator<<(std::ostream& out, const Good& good) {
        return out << good.text;
    }
};

const Good good[] = {
    {"tcp:127.0.0.1:80", "", "tcp:127.0.0.1:80", 1},
    {"tcp:localhost:80", "", "tcp:localhost:80", 2},
    {"web=tcp:[::1]:80", "web", "tcp:[::1]:80", 1},
    {"web.socket=unix:/run/app.sock", "web.socket", "unix:/run/app.sock", 1},
    {"unix:/run/a=b.sock", "", "unix:/run/a=b.sock", 1},
    {"unix:@name", "", "unix:@name", 1},
    {"a=b=tcp:127.0.0.1:1", "a=b", "tcp:127.0.0.1:1", 1},
    {"127.0.0.1:8080=tcp:127.0.0.1:80", "127.0.0.1_8080", "tcp:127.0.0.1:80", 1},
    {"[::]:80=unix:/run/a=b.sock", "_____80", "unix:/run/a=b.sock", 1},
    {"unix:/run/web.sock=tcp:127.0.0.1:80", "unix__run_web.sock", "tcp:127.0.0.1:80", 1},
};

struct Bad {
    std::string text;
    std::string reason;

    friend std::ostream& operator<<(std::ostream& out, const Bad& bad) { return out << bad.text; }
};

const Bad bad[] = {
    {"", "not a target"},
    {"80", "not a target"},
    {"http://127.0.0.1/", "not a target"},
    {"udp:127.0.0.1:53", "UDP and other datagrams are not supported"},
    {"dns=udp:127.0.0.1:53", "UDP and other datagrams are not supported"},
    {"=tcp:127.0.0.1:80", "the name of the socket is missing"},
    {"a\nb=tcp:127.0.0.1:80", "the name of a socket has at most"},
    {std::string(256, 'a') + "=tcp:127.0.0.1:80", "the name of a socket has at most"},
    {"tcp:127.0.0.1", "no port is given"},
    {"tcp:127.0.0.1:0", "is not a port"},
    {"tcp:web:80", "names are not looked up"},
    {"unix:", "the path of a socket"},
    {"127.0.0.1:0=tcp:127.0.0.1:80", "\"0\" is not a port"},
    {"127.0.0.1:70000=tcp:127.0.0.1:80", "\"70000\" is not a port"},
    {"127.0.0.1:=tcp:127.0.0.1:80", "\"\" is not a port"},
    {"localhost:80=tcp:127.0.0.1:80", "\"localhost\" is not an address"},
    {":80=tcp:127.0.0.1:80", "listen at 127.0.0.1:PORT"},
    {"udp:127.0.0.1:53=tcp:127.0.0.1:53", "is not an address"},
    {"unix:web.sock=tcp:127.0.0.1:80", "has to begin with \"/\""},
    {"unix:/" + std::string(107, 'a') + "=tcp:127.0.0.1:80", "107 bytes"},
};

bool is_refused(const std::vector<std::string>& texts, const std::string& reason) {
    try {
        check_names(parse_all(texts));
    } catch (const SpecificationError& error) {
        return std::string(error.what()).find(reason) != std::string::npos;
    }
    return false;
}

BOOST_AUTO_TEST_SUITE(proxy_specification)

BOOST_DATA_TEST_CASE(names_and_targets_of_proxies_are_parsed, good, each) {
    const Specification parsed = parse_specification(each.text);
    BOOST_TEST(parsed.text == each.text);
    BOOST_TEST(parsed.name == each.name);
    BOOST_TEST(parsed.target.text == each.target);
    BOOST_TEST(parsed.addresses().size() == each.addresses);
}

BOOST_DATA_TEST_CASE(an_invalid_proxy_is_refused_with_a_reason, bad, each) {
    BOOST_TEST(is_refused({each.text}, each.reason));
}

BOOST_AUTO_TEST_CASE(an_address_in_front_of_the_target_is_that_of_our_own_socket) {
    BOOST_TEST(!parse_specification("web=tcp:127.0.0.1:80").own);
    const auto of_port = parse_specification("[::1]:8080=tcp:127.0.0.1:80").own;
    BOOST_TEST_REQUIRE(of_port.has_value());
    BOOST_TEST(of_port->text == "[::1]:8080");
    BOOST_TEST(of_port->address.host() == "::1");
    const auto of_path = parse_specification("unix:/run/a.sock=unix:/run/b.sock").own;
    BOOST_TEST_REQUIRE(of_path.has_value());
    BOOST_TEST(of_path->address.path() == "/run/a.sock");
}

BOOST_AUTO_TEST_CASE(several_proxies_need_different_names) {
    check_names(parse_all({"a=tcp:127.0.0.1:80", "b=tcp:127.0.0.1:80"}));
    check_names(parse_all({"tcp:127.0.0.1:80"}));
    BOOST_TEST(is_refused({"a=tcp:127.0.0.1:80", "tcp:127.0.0.1:81"}, "needs the name"));
    BOOST_TEST(is_refused({"a=tcp:127.0.0.1:80", "a=tcp:127.0.0.1:81"}, "already"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::proxy
