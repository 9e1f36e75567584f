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

BOOST_AUTO_TEST_CASE(several_proxies_need_different_names) {
    check_names(parse_all({"a=tcp:127.0.0.1:80", "b=tcp:127.0.0.1:80"}));
    check_names(parse_all({"tcp:127.0.0.1:80"}));
    BOOST_TEST(is_refused({"a=tcp:127.0.0.1:80", "tcp:127.0.0.1:81"}, "needs the name"));
    BOOST_TEST(is_refused({"a=tcp:127.0.0.1:80", "a=tcp:127.0.0.1:81"}, "already"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::proxy
