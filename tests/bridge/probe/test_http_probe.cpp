#include "bridge/probe/http_probe.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <ostream>

#include "bridge/probe/http_answer.hpp"
#include "bridge/probe/server.hpp"

namespace notifybridge::probe {
namespace {

using namespace std::chrono_literals;

struct Asking {
    event::Loop loop;
    std::vector<unsigned> statuses;
    std::chrono::milliseconds limit = 10s;

    Finding ask(const std::function<void(const Peer&)>& serve) {
        const Server server(serve);
        HttpProbe probe(loop, "http", {{server.address()}, "host:1", "/health", statuses}, limit);
        return check(loop, probe);
    }

    Finding ask_for(std::string_view answer) {
        return ask([answer](const Peer& peer) {
            peer.request();
            peer.say(answer);
        });
    }
};

struct Answer {
    std::string_view text;
    bool holds;
    std::string_view reason;

    friend std::ostream& operator<<(std::ostream& out, const Answer& answer) {
        return out << answer.text;
    }
};

constexpr std::string_view not_http = "its answer is not HTTP";
constexpr std::string_view no_answer = "closed the connection without an answer";

const Answer answers[] = {
    {"HTTP/1.1 200 OK\r\n\r\n", true, ""},
    {"HTTP/1.0 204 No Content\r\nServer: x\r\n\r\n", true, ""},
    {"HTTP/1.1 302 Found\r\nLocation: /health\r\n\r\n", true, ""},
    {"HTTP/1.1 399 ?\r\n\r\n", true, ""},
    {"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\nxxx", true, ""},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", true, ""},
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", true, ""},
    {"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 503 No\r\n\r\n", false, "status 503"},
    {"HTTP/1.1 100 Continue\r\n\r\n", false, no_answer},
    {"HTTP/1.1 101 Switching Protocols\r\n\r\n", false, "status 101"},
    {"HTTP/1.1 404 Not Found\r\n\r\n", false, "status 404"},
    {"HTTP/1.1 500 Internal Server Error\r\n\r\n", false, "status 500"},
    {"", false, no_answer},
    {"HTTP/1.1 200 OK\r\n", false, no_answer},
    {"SSH-2.0-OpenSSH_9.2\r\n", false, not_http},
    {"HTTP/1.1 abc\r\n\r\n", false, not_http},
    {"HTTP/1.1 200 OK\r\n no name: x\r\n\r\n", false, not_http},
    {"\0\0\0\0\0\0\0\0\0\0\0\0", false, no_answer},
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(http_probe, Asking)

BOOST_DATA_TEST_CASE_F(Asking, the_status_of_the_answer_decides_an_http_probe, answers, answer) {
    const Finding finding = ask_for(answer.text);
    BOOST_TEST(finding.holds == answer.holds);
    BOOST_TEST(finding.reason == answer.reason);
}

BOOST_DATA_TEST_CASE_F(Asking, an_http_answer_may_arrive_byte_by_byte, answers, answer) {
    const Finding finding = ask([&answer](const Peer& peer) {
        peer.request();
        for (const char byte : answer.text)
            peer.say({&byte, 1});
    });
    BOOST_TEST(finding.holds == answer.holds);
}

BOOST_AUTO_TEST_CASE(the_request_of_an_http_probe_is_valid) {
    std::string request;
    ask([&](const Peer& peer) {
        request = peer.request();
        peer.say("HTTP/1.1 200 OK\r\n\r\n");
    });
    BOOST_TEST(request.starts_with("GET /health HTTP/1.1\r\nHost: host:1\r\n"));
    BOOST_TEST(request.find("\r\nConnection: close\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_http_probe_succeeds_only_with_a_given_status) {
    statuses = {204, 503};
    BOOST_TEST(ask_for("HTTP/1.1 503 No\r\n\r\n").holds);
    BOOST_TEST(ask_for("HTTP/1.1 200 OK\r\n\r\n").reason == "status 200");
}

BOOST_AUTO_TEST_CASE(an_http_probe_without_an_answer_times_out) {
    limit = 30ms;
    const Finding finding = ask([](const Peer& peer) { peer.wait_for_close(); });
    BOOST_TEST(!finding.holds);
    BOOST_TEST(finding.reason == "no answer in time");
}

BOOST_AUTO_TEST_CASE(an_http_probe_with_a_slow_answer_times_out) {
    limit = 50ms;
    const Finding finding = ask([](const Peer& peer) {
        peer.say("HTTP/1.1 200 OK\r\nX: ");
        while (peer.say("x"))
            std::this_thread::sleep_for(1ms);
    });
    BOOST_TEST(finding.reason == "no answer in time");
}

BOOST_AUTO_TEST_CASE(an_endless_http_header_is_refused) {
    for (const std::string_view part : {"X: y\r\n", "xxxxxxxx"}) {
        const Finding finding = ask([part](const Peer& peer) {
            peer.request();
            peer.say("HTTP/1.1 200 OK\r\nX: ");
            while (peer.say(part)) {
            }
        });
        BOOST_TEST(!finding.holds);
        BOOST_TEST(finding.reason == "its header is too long");
    }
}

BOOST_AUTO_TEST_CASE(an_http_header_may_have_15000_bytes) {
    std::string text = "HTTP/1.1 200 OK\r\n";
    while (text.size() < 15'000)
        text += "Set-Cookie: " + std::string(500, 'x') + "\r\n";
    BOOST_TEST(ask_for(text + "\r\n").holds);
    BOOST_TEST(ask_for("HTTP/1.1 200 OK\r\nX: " + std::string(15'000, 'x') + "\r\n\r\n").holds);
}

BOOST_AUTO_TEST_CASE(an_http_probe_with_endless_early_hints_times_out) {
    limit = 100ms;
    const Finding finding = ask([](const Peer& peer) {
        while (peer.say("HTTP/1.1 103 Early Hints\r\n\r\n")) {
        }
    });
    BOOST_TEST(finding.reason == "no answer in time");
}

BOOST_AUTO_TEST_CASE(a_connection_closed_at_once_fails_an_http_probe) {
    const Finding finding = ask([](const Peer&) {});
    BOOST_TEST(!finding.holds);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::probe
