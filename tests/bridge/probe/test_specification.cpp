#include "bridge/probe/specification.hpp"

#include <netinet/in.h>
#include <sys/un.h>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <ostream>

using namespace std::string_literals;

namespace notifybridge::probe {
namespace {

template <typename Kind>
Kind target_of(std::string_view text, Purpose purpose = Purpose::readiness) {
    const Specification specification = parse_specification(text, purpose);
    BOOST_TEST(specification.text == text);
    const Kind* const target = std::get_if<Kind>(&specification.target);
    BOOST_TEST_REQUIRE(target, text);
    return *target;
}

std::string refusal(std::string_view text, Purpose purpose) {
    try {
        parse_specification(text, purpose);
    } catch (const SpecificationError& error) {
        return error.what();
    }
    return "is taken";
}

std::uint16_t port_of(const system::SocketAddress& address) {
    return ntohs(reinterpret_cast<const sockaddr_in&>(*address.data()).sin_port);
}

std::string path_of(const system::SocketAddress& address) {
    const auto& local = reinterpret_cast<const sockaddr_un&>(*address.data());
    const bool is_abstract = local.sun_path[0] == '\0';
    return {local.sun_path,
            address.size() - offsetof(sockaddr_un, sun_path) - (is_abstract ? 0 : 1)};
}

struct Http {
    std::string_view text;
    std::string_view host;
    std::string_view path;
    int family;
    std::uint16_t port;

    friend std::ostream& operator<<(std::ostream& out, const Http& http) {
        return out << http.text;
    }
};

const Http http_probes[] = {
    {"http://127.0.0.1:5001/health", "127.0.0.1:5001", "/health", AF_INET, 5001},
    {"http://127.0.0.1", "127.0.0.1", "/", AF_INET, 80},
    {"http://127.0.0.1/", "127.0.0.1", "/", AF_INET, 80},
    {"http://127.0.0.1:65535?deep=1", "127.0.0.1:65535", "/?deep=1", AF_INET, 65535},
    {"http://[::1]:80/a:b/c@d", "[::1]:80", "/a:b/c@d", AF_INET6, 80},
    {"http://[::1]/", "[::1]", "/", AF_INET6, 80},
};

struct Bad {
    std::string_view text;
    std::string_view words;  ///< Words that the error must contain.
    Purpose purpose = Purpose::readiness;

    friend std::ostream& operator<<(std::ostream& out, const Bad& bad) { return out << bad.text; }
};

constexpr std::string_view names_are_not_looked_up =
    "names are not looked up, because a static program has no DNS; give an address";

const Bad bad_probes[] = {
    {"", "is not a probe"},
    {":", "is not a probe"},
    {"nonsense", "is not a probe"},
    {"tpc:127.0.0.1:80", "did you mean \"tcp:\"?"},
    {"exce:true", "did you mean \"exec:\"?"},
    {"notfy", "did you mean \"notify\"?"},
    {"127.0.0.1:6379", "did you mean \"tcp:127.0.0.1:6379\"?"},
    {"[::1]:6379", "did you mean \"tcp:[::1]:6379\"?"},
    {"localhost:6379", "did you mean \"tcp:localhost:6379\"?"},
    {"redis:6379", "did you mean \"tcp:127.0.0.1:6379\"?"},
    {":6379", "did you mean \"tcp:127.0.0.1:6379\"?"},
    {"6379", "did you mean \"tcp:127.0.0.1:6379\"?"},
    {"127.0.0.1:8080/health", "did you mean \"http://127.0.0.1:8080/health\"?"},
    {"/run/redis.sock", "did you mean \"file:/run/redis.sock\"?"},
    {"127.0.0.1:70000", "is not a probe"},
    {"127.0.0.1:0", "is not a probe"},
    {"http:127.0.0.1/", "is not a probe"},
    {"htp://127.0.0.1/", "is not a probe"},
    {"tcp", "did you mean \"tcp:\"?"},
    {"notify:now", "did you mean \"notify\"?"},
    {"tcp:127.0.0.1", "no port is given"},
    {"tcp:127.0.0.1:", "\"\" is not a port"},
    {"tcp:127.0.0.1:0", "\"0\" is not a port; give a number from 1 to 65535"},
    {"tcp:127.0.0.1:70000", "\"70000\" is not a port"},
    {"tcp:127.0.0.1:-1", "\"-1\" is not a port"},
    {"tcp:127.0.0.1:http", "\"http\" is not a port"},
    {"tcp:::1:80", "is not an address"},
    {"tcp:[::1:80", "is not an address"},
    {"tcp:[::1]", "no port is given"},
    {"tcp:[127.0.0.1]:80", "is not an address"},
    {"tcp::80", "is not an address"},
    {"listen:", "\"\" is not a port"},
    {"listen:0", "\"0\" is not a port; give a number from 1 to 65535"},
    {"listen:70000", "\"70000\" is not a port"},
    {"listen:80,443", "\"80,443\" is not a port"},
    {"listen:host.name:80", names_are_not_looked_up},
    {"listen:::1:80", "is not an address"},
    {"listen:udp:", "\"\" is not a port"},
    {"listen:udp:host:80", names_are_not_looked_up},
    {"listen:sctp:80", "sctp is not supported; give listen:PORT for TCP, or listen:udp:PORT"},
    {"listen:unix:", "the path of a socket has 1 to 107 bytes"},
    {"listen:unix:@", "the path of a socket has 1 to 107 bytes"},
    {"lsten:80", "did you mean \"listen:\"?"},
    {"tcp:example.org:80", names_are_not_looked_up},
    {"tcp:127.1:80", names_are_not_looked_up},
    {"http://example.org/", names_are_not_looked_up},
    {"http:///health", "is not an address"},
    {"http://127.0.0.1:0/", "\"0\" is not a port"},
    {"http://127.0.0.1:70000/", "\"70000\" is not a port"},
    {"http://127.0.0.1:/", "\"\" is not a port"},
    {"http://user:secret@127.0.0.1/", "exec:curl"},
    {"http://127.0.0.1/a b", "write it like %20"},
    {"http://127.0.0.1/\r\nX: y", "write it like %20"},
    {"http://127.0.0.1/#part", "write it like %20"},
    {"http://127.0.0.1/\x7f", "write it like %20"},
    {"https://127.0.0.1/", "use 'exec:curl --fail --silent"},
    {"http+unix://", "the path of a socket"},
    {"unix:", "the path of a socket"},
    {"unix:@", "the path of a socket"},
    {"file:", "no path is given"},
    {"exec:", "no command is given"},
    {"log:(", "is not a regular expression"},
    {"log:a**", "is not a regular expression"},
    {"log:[", "is not a regular expression"},
    {"fd:", "is not a descriptor"},
    {"fd:2", "is not a descriptor to write to; give a number from 3 to 1023"},
    {"fd:1024", "is not a descriptor"},
    {"fd:three", "is not a descriptor"},
    {"systemd:", "no unit is given"},
    {"process", "is only for --alive-when"},
    {"start:now", "did you mean \"start\"?"},
    {"log:ready", "cannot be checked repeatedly", Purpose::liveness},
    {"fd:3", "cannot be checked repeatedly", Purpose::liveness},
    {"notify", "cannot be checked repeatedly", Purpose::liveness},
    {"systemd:a.target", "cannot be checked repeatedly", Purpose::liveness},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(specification)

BOOST_DATA_TEST_CASE(http_urls_of_probes_are_parsed, http_probes, http) {
    const auto target = target_of<HttpTarget>(http.text);
    BOOST_TEST(target.host == http.host);
    BOOST_TEST(target.path == http.path);
    BOOST_TEST_REQUIRE(target.addresses.size() == 1u);
    BOOST_TEST(target.addresses[0].family() == http.family);
    BOOST_TEST(port_of(target.addresses[0]) == http.port);
}

BOOST_AUTO_TEST_CASE(an_http_probe_may_use_a_unix_socket) {
    const auto target = target_of<HttpTarget>("http+unix:///run/a.sock:/health?x");
    BOOST_TEST(target.addresses.at(0).family() == AF_UNIX);
    BOOST_TEST(target.path == "/health?x");
    BOOST_TEST(target.host == "localhost");
    BOOST_TEST(target_of<HttpTarget>("http+unix:///run/a.sock").path == "/");
}

BOOST_AUTO_TEST_CASE(a_probe_of_localhost_has_two_addresses) {
    const auto target = target_of<TcpTarget>("tcp:localhost:80");
    BOOST_TEST_REQUIRE(target.addresses.size() == 2u);
    BOOST_TEST(target.addresses[0].family() == AF_INET);
    BOOST_TEST(target.addresses[1].family() == AF_INET6);
    BOOST_TEST(target_of<TcpTarget>("tcp:[::1]:80").addresses.size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_text_after_the_kind_of_a_probe_is_unchanged) {
    BOOST_TEST(path_of(target_of<UnixTarget>("unix:/run/a:b").address) == "/run/a:b");
    BOOST_TEST(path_of(target_of<UnixTarget>("unix:@name").address) == "\0name"s);
    BOOST_TEST(target_of<FileTarget>("file:/run/a file").path == "/run/a file");
    BOOST_TEST(target_of<ExecTarget>("exec:test -e /a && b:c").command == "test -e /a && b:c");
    BOOST_TEST(target_of<LogTarget>("log:^ready: (yes|true)$").pattern == "^ready: (yes|true)$");
    BOOST_TEST(target_of<DescriptorTarget>("fd:3").number == 3);
    BOOST_TEST(target_of<SystemdTarget>("systemd:a.target").unit == "a.target");
}

BOOST_AUTO_TEST_CASE(a_listen_probe_has_a_port_and_perhaps_an_address) {
    BOOST_TEST(target_of<ListenTarget>("listen:80").ports.front() == 80);
    BOOST_TEST(target_of<ListenTarget>("listen:tcp:80").ports.front() == 80);
    BOOST_TEST(target_of<ListenTarget>("listen:80").hosts.empty());
    const auto one = target_of<ListenTarget>("listen:[0::1]:80");
    BOOST_TEST(one.hosts == std::vector<std::string>{"::1"}, boost::test_tools::per_element());
    BOOST_TEST(target_of<ListenTarget>("listen:localhost:80").hosts.size() == 2u);
    const auto udp = target_of<ListenTarget>("listen:udp:127.0.0.1:53");
    BOOST_TEST((udp.transport == system::Transport::udp));
    BOOST_TEST(udp.hosts.size() == 1u);
    BOOST_TEST(target_of<ListenTarget>("listen").is_published);
    BOOST_TEST(target_of<ListenTarget>("listen").ports.empty());
    BOOST_TEST(target_of<ListenLocalTarget>("listen:unix:/run/a:b").name == "/run/a:b");
    BOOST_TEST(target_of<ListenLocalTarget>("listen:unix:@a").name == "@a");
    BOOST_TEST(refusal("listen:unix:" + std::string(108, 'a'), Purpose::readiness) != "is taken");
}

BOOST_AUTO_TEST_CASE(some_kinds_of_probes_need_no_value) {
    target_of<ExitTarget>("exit");
    target_of<StartTarget>("start");
    target_of<NotifyTarget>("notify");
    target_of<HealthyTarget>("healthy");
    target_of<HealthyTarget>("healthy", Purpose::liveness);
    target_of<ProcessTarget>("process", Purpose::liveness);
}

BOOST_AUTO_TEST_CASE(probes_for_liveness_keep_their_original_text) {
    for (const std::string_view text :
         {"http://127.0.0.1/", "tcp:127.0.0.1:1", "unix:/a", "file:/a", "exec:true"})
        BOOST_TEST(parse_specification(text, Purpose::liveness).text == text);
}

BOOST_AUTO_TEST_CASE(a_probe_with_a_path_or_command_uses_the_working_directory) {
    for (const std::string_view text :
         {"http+unix://a.sock:/", "unix:a.sock", "file:a", "exec:./a"})
        BOOST_TEST(parse_specification(text, Purpose::readiness).uses_directory, text);
    for (const std::string_view text : {"http://127.0.0.1/", "tcp:127.0.0.1:1", "log:a", "start"})
        BOOST_TEST(!parse_specification(text, Purpose::readiness).uses_directory, text);
}

BOOST_DATA_TEST_CASE(an_invalid_probe_is_refused_with_a_reason, bad_probes, bad) {
    const std::string reason = refusal(bad.text, bad.purpose);
    BOOST_TEST(reason.find(bad.words) != std::string::npos, reason);
    BOOST_TEST(reason.find('\n') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_too_long_probe_is_refused) {
    const std::string path(108, 'a');
    BOOST_TEST(refusal("unix:" + path, Purpose::readiness) != "is taken");
    BOOST_TEST(refusal("unix:" + path.substr(1), Purpose::readiness) == "is taken");
    BOOST_TEST(refusal("exec:" + std::string(5000, 'a'), Purpose::readiness) != "is taken");
    BOOST_TEST(refusal(std::string_view("file:/a\0b", 9), Purpose::readiness) != "is taken");
}

BOOST_AUTO_TEST_CASE(http_statuses_are_separated_by_commas) {
    BOOST_TEST(parse_http_statuses("200,204,503") == (std::vector<unsigned>{200, 204, 503}),
               boost::test_tools::per_element());
    for (const std::string_view bad : {"", ",", "200,", "abc", "99", "600", "200 204", "100"})
        BOOST_CHECK_THROW(parse_http_statuses(bad), SpecificationError);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::probe
