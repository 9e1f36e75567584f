#include "bridge/proxy/proxy.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/util/concat.hpp"
#include "bridge/probe/server.hpp"
#include "support/descriptors.hpp"
#include "support/log_records.hpp"
#include "support/run_loop.hpp"

namespace notifybridge::proxy {
namespace {

using namespace std::chrono_literals;
using test::until;

std::uint16_t port_of(const system::SocketAddress& address) {
    sockaddr_in in;
    std::memcpy(&in, address.data(), sizeof in);
    return ntohs(in.sin_port);
}

/// The client's or the app's end of a connection.
class End {
public:
    explicit End(system::UniqueFd fd) : fd_(std::move(fd)) {}

    static End connect(const system::SocketAddress& address) {
        system::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        BOOST_TEST_REQUIRE(::connect(fd.get(), address.data(), address.size()) == 0);
        return End(std::move(fd));
    }

    void send(std::string_view text) const {
        BOOST_TEST_REQUIRE(::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL)
                           == static_cast<ssize_t>(text.size()));
    }

    /// Sends the beginning of `text` without waiting. Returns how many bytes were accepted.
    std::size_t send_some(std::string_view text) const {
        const ssize_t size =
            ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        return size < 0 ? 0 : static_cast<std::size_t>(size);
    }

    void send_end() const { ::shutdown(fd_.get(), SHUT_WR); }

    /// Reads as many bytes as `text` has, and compares them with `text`.
    event::Awaitable<> expect(event::Loop& loop, std::string text) const {
        std::string received;
        co_await until(loop, [&] {
            char buffer[4096];
            const ssize_t size = ::recv(fd_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
            if (size > 0)
                received.append(buffer, static_cast<std::size_t>(size));
            return received.size() >= text.size();
        });
        BOOST_TEST(received == text);
    }

    /// Waits for the end of the other side. Returns 0, or the errno of a reset.
    event::Awaitable<int> end(event::Loop& loop) const {
        co_await until(loop, [&] { return test::is_ready(fd_, POLLIN); });
        char byte;
        const ssize_t size = ::recv(fd_.get(), &byte, 1, MSG_DONTWAIT);
        BOOST_TEST(size <= 0);
        co_return size < 0 ? errno : 0;
    }

    void close() { fd_.reset(); }
    void reset() {
        const linger at_once{1, 0};
        ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        close();
    }

private:
    system::UniqueFd fd_;
};

struct Proxying {
    Proxying() { std::signal(SIGPIPE, SIG_IGN); }

    void make() {
        std::vector<Listening> sockets;
        sockets.push_back(
            {parse_specification(util::concat("tcp:127.0.0.1:", port_of(app.address()))),
             event::duplicate(systemd.fd())});
        proxy.emplace(loop, std::move(sockets), options);
    }

    void make_open() {
        make();
        proxy->open();
    }

    /// Lets the app accept a connection.
    event::Awaitable<End> accept() {
        co_await until(loop, [this] { return test::is_ready(app.fd(), POLLIN); });
        co_return End(system::UniqueFd(::accept4(app.fd().get(), nullptr, nullptr, SOCK_CLOEXEC)));
    }

    /// Runs `body` with a client and its connection to the app.
    void run_connected(const std::function<event::Awaitable<>(End& client, End& served)>& body) {
        make_open();
        test::run(loop, [&]() -> event::Awaitable<> {
            End client = End::connect(systemd.address());
            End served = co_await accept();
            co_await body(client, served);
        });
    }

    event::Loop loop;
    probe::Listener systemd;
    probe::Listener app;
    Proxy::Options options;
    std::optional<Proxy> proxy;
};

BOOST_FIXTURE_TEST_SUITE(proxy_loop, Proxying)

BOOST_AUTO_TEST_CASE(no_connection_is_accepted_before_the_app_is_ready) {
    make();
    const End client = End::connect(systemd.address());
    client.send("hello");
    test::run(loop, [&]() -> event::Awaitable<> {
        co_await loop.yield();
        BOOST_TEST(proxy->counts().open == 0u);
        BOOST_TEST(test::is_ready(systemd.fd(), POLLIN));
        proxy->open();
        const End served = co_await accept();
        co_await served.expect(loop, "hello");
        BOOST_TEST(proxy->counts().open == 1u);
    });
}

BOOST_AUTO_TEST_CASE(bytes_pass_both_ways_until_both_sides_have_ended) {
    run_connected([&](End& client, End& served) -> event::Awaitable<> {
        client.send("question");
        co_await served.expect(loop, "question");
        client.send_end();
        const int first = co_await served.end(loop);
        BOOST_TEST(first == 0);
        served.send("answer");
        co_await client.expect(loop, "answer");
        served.close();
        const int second = co_await client.end(loop);
        BOOST_TEST(second == 0);
        co_await until(loop, [&] { return proxy->counts().open == 0; });
    });
}

BOOST_AUTO_TEST_CASE(a_reset_of_the_client_reaches_the_app) {
    run_connected([&](End& client, End& served) -> event::Awaitable<> {
        client.reset();
        const int error = co_await served.end(loop);
        BOOST_TEST(error == ECONNRESET);
        co_await until(loop, [&] { return proxy->counts().open == 0; });
    });
}

BOOST_AUTO_TEST_CASE(a_reset_of_the_app_reaches_the_client) {
    run_connected([&](End& client, End& served) -> event::Awaitable<> {
        served.reset();
        const int error = co_await client.end(loop);
        BOOST_TEST(error == ECONNRESET);
        co_await until(loop, [&] { return proxy->counts().open == 0; });
    });
}

BOOST_AUTO_TEST_CASE(a_reset_of_the_app_reaches_a_client_that_sends) {
    run_connected([&](End& client, End& served) -> event::Awaitable<> {
        // The bytes are transferred before the app's answer is read, so the kernel reports the
        // reset to this transfer.
        client.send("too late");
        served.reset();
        const int error = co_await client.end(loop);
        BOOST_TEST(error == ECONNRESET);
    });
}

BOOST_AUTO_TEST_CASE(an_answer_before_a_reset_still_arrives) {
    run_connected([&](End& client, End& served) -> event::Awaitable<> {
        client.send("much too much");
        // The app closes without reading the data, as if it refused an upload.
        served.send("refused");
        served.close();
        co_await client.expect(loop, "refused");
    });
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_read_blocks_the_app) {
    run_connected([&](End& client, End& served) -> event::Awaitable<> {
        const std::string block(256 * 1024, 'b');
        std::string sent;
        std::size_t more = 0;
        // The buffers are full when no byte was accepted twenty times in a row. The loop runs
        // between the tries.
        for (int full = 0; full<20; full = more> 0 ? 0 : full + 1) {
            const std::string rest = block.substr(sent.size() % block.size());
            more = served.send_some(rest);
            sent += rest.substr(0, more);
            event::Timer timer(loop);
            co_await timer.sleep(1ms);
        }
        BOOST_TEST(proxy->is_busy());
        co_await client.expect(loop, sent);
    });
}

BOOST_AUTO_TEST_CASE(a_silent_client_ends_after_the_app_has_closed) {
    options.closing_patience = 20ms;
    run_connected([&](End& client, End& served) -> event::Awaitable<> {
        served.close();
        const int error = co_await client.end(loop);
        BOOST_TEST(error == 0);
        // The client keeps its side open.
        co_await until(loop, [&] { return proxy->counts().open == 0; });
    });
}

BOOST_AUTO_TEST_CASE(a_client_may_send_after_the_app_has_said_all) {
    options.closing_patience = 200ms;
    run_connected([&](End& client, End& served) -> event::Awaitable<> {
        served.send_end();
        event::Timer timer(loop);
        for (int count = 0; count < 10; ++count) {
            co_await timer.sleep(40ms);
            client.send("more");
            co_await served.expect(loop, "more");
        }
        BOOST_TEST(proxy->counts().open == 1u);
        client.send_end();
        co_await until(loop, [&] { return proxy->counts().open == 0; });
    });
}

BOOST_AUTO_TEST_CASE(a_silent_client_of_an_open_app_stays_connected) {
    options.closing_patience = 1ms;
    run_connected([&](End& client, End& served) -> event::Awaitable<> {
        event::Timer timer(loop);
        co_await timer.sleep(30ms);
        client.send("hello");
        co_await served.expect(loop, "hello");
        served.send("hello");
        co_await client.expect(loop, "hello");
    });
}

BOOST_AUTO_TEST_CASE(clients_above_the_maximum_wait_for_the_end_of_others) {
    const test::LogRecords records(util::Severity::warning);
    options.most_connections = 1;
    run_connected([&](End& client, End&) -> event::Awaitable<> {
        BOOST_TEST(proxy->counts().limit == 1u);
        const End second = End::connect(systemd.address());
        second.send("second");
        event::Timer timer(loop);
        co_await timer.sleep(10ms);
        BOOST_TEST(proxy->counts().open == 1u);
        BOOST_TEST(test::is_ready(systemd.fd(), POLLIN));
        client.reset();
        const End served = co_await accept();
        co_await served.expect(loop, "second");
    });
    BOOST_TEST(records.has("1 connections are open, and --proxy-connections=1 allows no more"));
}

BOOST_AUTO_TEST_CASE(connecting_to_a_late_app_is_retried) {
    const system::SocketAddress address = app.address();
    make();
    app.close();
    const End client = End::connect(systemd.address());
    client.send("hello");
    proxy->open();
    test::run(loop, [&]() -> event::Awaitable<> {
        co_await until(loop, [&] { return proxy->counts().open == 1; });
        const system::UniqueFd late(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const int on = 1;
        ::setsockopt(late.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        BOOST_TEST_REQUIRE(::bind(late.get(), address.data(), address.size()) == 0);
        BOOST_TEST_REQUIRE(::listen(late.get(), 8) == 0);
        co_await until(loop, [&] { return test::is_ready(late, POLLIN); });
        const End served(system::UniqueFd(::accept4(late.get(), nullptr, nullptr, SOCK_CLOEXEC)));
        co_await served.expect(loop, "hello");
    });
}

BOOST_AUTO_TEST_CASE(a_client_is_reset_if_the_app_no_longer_listens) {
    const test::LogRecords records(util::Severity::warning);
    run_connected([&](End& client, End&) -> event::Awaitable<> {
        app.close();
        const End second = End::connect(systemd.address());
        const int error = co_await second.end(loop);
        BOOST_TEST(error == ECONNRESET);
        // The first connection continues.
        BOOST_TEST(proxy->counts().open == 1u);
        client.close();
    });
    BOOST_TEST(
        records.has("cannot reach the app; resetting the client's connection: Connection "
                    "refused"));
}

BOOST_AUTO_TEST_CASE(a_closed_proxy_leaves_new_clients_in_the_queue) {
    run_connected([&](End& client, End& served) -> event::Awaitable<> {
        proxy->close();
        const End second = End::connect(systemd.address());
        client.send("hello");
        co_await served.expect(loop, "hello");
        BOOST_TEST(proxy->counts().open == 1u);
        BOOST_TEST(test::is_ready(systemd.fd(), POLLIN));
    });
}

BOOST_AUTO_TEST_CASE(the_proxy_is_idle_after_a_time_without_connections) {
    options.idle_timeout = 20ms;
    make();
    bool is_idle = false;
    proxy->on_idle = [&] { is_idle = true; };
    proxy->open();
    test::run(loop, [&]() -> event::Awaitable<> {
        End client = End::connect(systemd.address());
        const End served = co_await accept();
        event::Timer timer(loop);
        co_await timer.sleep(60ms);
        BOOST_TEST(!is_idle);
        client.reset();
        co_await until(loop, [&] { return is_idle; });
        // A connection that arrives now waits in the queue for the next start.
        const End late = End::connect(systemd.address());
        co_await timer.sleep(5ms);
        BOOST_TEST(proxy->counts().open == 0u);
        BOOST_TEST(test::is_ready(systemd.fd(), POLLIN));
    });
}

BOOST_AUTO_TEST_CASE(settle_waits_for_the_answer_to_a_client) {
    run_connected([&](End& client, End& served) -> event::Awaitable<> {
        client.send("question");
        co_await served.expect(loop, "question");
        bool is_settled = false;
        loop.spawn([&]() -> event::Awaitable<> {
            co_await proxy->settle(1h);
            is_settled = true;
        });
        event::Timer timer(loop);
        co_await timer.sleep(5ms);
        BOOST_TEST(!is_settled);
        served.send("answer");
        served.close();
        co_await client.expect(loop, "answer");
        client.close();
        co_await until(loop, [&] { return is_settled; });
    });
}

BOOST_AUTO_TEST_CASE(settle_ends_after_its_timeout_or_a_call_of_hurry) {
    run_connected([&](End& client, End& served) -> event::Awaitable<> {
        client.send("question");
        co_await served.expect(loop, "question");
        co_await proxy->settle(10ms);
        BOOST_TEST(proxy->is_busy());
        bool is_settled = false;
        loop.spawn([&]() -> event::Awaitable<> {
            co_await proxy->settle(1h);
            is_settled = true;
        });
        proxy->hurry();
        co_await until(loop, [&] { return is_settled; });
    });
}

BOOST_AUTO_TEST_CASE(finish_delivers_the_bytes_that_the_app_has_sent) {
    run_connected([&](End& client, End& served) -> event::Awaitable<> {
        const std::string answer(100'000, 'a');
        served.send(answer);
        served.close();
        co_await proxy->finish(1h);
        BOOST_TEST(proxy->counts().open == 0u);
        co_await client.expect(loop, answer);
        const int error = co_await client.end(loop);
        BOOST_TEST(error == 0);
    });
}

BOOST_AUTO_TEST_CASE(finish_resets_connections_that_take_too_long) {
    run_connected([&](End& client, End&) -> event::Awaitable<> {
        // The app's end stays open, as if the app could not be killed.
        co_await proxy->finish(10ms);
        BOOST_TEST(proxy->counts().open == 0u);
        const int error = co_await client.end(loop);
        BOOST_TEST(error == ECONNRESET);
    });
}

BOOST_AUTO_TEST_CASE(each_silent_client_uses_two_descriptors) {
    make_open();
    test::run(loop, [&]() -> event::Awaitable<> {
        std::vector<End> ends;
        const std::size_t before = test::open_descriptors();
        for (int count = 0; count < 100; ++count) {
            ends.push_back(End::connect(systemd.address()));
            End served = co_await accept();
            ends.push_back(std::move(served));
        }
        co_await until(loop, [&] { return proxy->counts().open == 100; });
        // The test's own ends are 200 of these descriptors. The last two are a pipe, which the
        // proxy keeps.
        BOOST_TEST(test::open_descriptors() <= before + 400 + 2);
    });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::proxy
