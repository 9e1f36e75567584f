#include "bridge/wrap/on_demand.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/process/children.hpp"
#include "base/process/print.hpp"
#include "base/util/concat.hpp"
#include "bridge/probe/server.hpp"
#include "bridge/proxy/sockets.hpp"
#include "support/descriptors.hpp"
#include "support/run_loop.hpp"
#include "whole.hpp"

namespace notifybridge::wrap::test_on_demand {
namespace {

using namespace std::chrono_literals;
using process::ExitStatus;

std::string target_of(const probe::Listener& listener) {
    const system::SocketAddress address = listener.address();
    sockaddr_in in;
    std::memcpy(&in, address.data(), sizeof in);
    return util::concat("tcp:127.0.0.1:", ntohs(in.sin_port));
}

/// A command with --proxy, and the sockets that systemd has passed for it.
struct Proxied {
    event::Loop loop;
    process::Supervisor supervisor{loop, false};
    OnDemand::Options options;
    std::optional<OnDemand> on_demand;
    probe::Listener systemd;
    probe::Listener app;
    relay::NamedFds passed;
    process::Environment environment;
    std::optional<ExitStatus> end;
    Whole whole;

    Proxied() {
        supervisor.on_event = [this](const process::SupervisorEvent& event) {
            if (const auto* const ended = std::get_if<process::CommandEnded>(&event))
                end = ended->end;
            else if (on_demand && std::holds_alternative<process::StopComes>(event))
                on_demand->stop_comes();
        };
        loop.spawn([this] { return supervisor.run(); });
        options.proxies = {proxy::parse_specification(target_of(app))};
        options.stop_timeout = 1h;
    }
    ~Proxied() {
        if (!supervisor.running())
            return;
        supervisor.kill(SIGKILL);
        until([this] { return end.has_value(); });
    }

    void pass(const std::string& name, system::Fd socket) {
        passed.fds.push_back(event::duplicate(socket));
        passed.names.push_back(name);
    }

    void take_sockets() {
        on_demand.emplace(loop, supervisor, options, whole);
        on_demand->take_sockets(passed, environment);
    }

    /// Starts the command, and the proxy for a socket of systemd.
    void start() {
        pass("http", systemd.fd());
        take_sockets();
        supervisor.start(process::shell("exec sleep 1000"));
    }

    void until(const std::function<bool()>& condition) {
        test::run(loop, [&] { return test::until(loop, condition); });
    }

    /// Returns a new connection to the socket of systemd.
    system::UniqueFd connect() const {
        system::UniqueFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const system::SocketAddress address = systemd.address();
        BOOST_TEST_REQUIRE(::connect(client.get(), address.data(), address.size()) == 0);
        return client;
    }

    /// Returns the app's end of the next connection.
    system::UniqueFd accept() {
        until([this] { return test::is_ready(app.fd(), POLLIN); });
        return system::UniqueFd(::accept4(app.fd().get(), nullptr, nullptr, SOCK_CLOEXEC));
    }

    /// Makes a client wait for an answer of the app. Returns both ends of its connection.
    std::pair<system::UniqueFd, system::UniqueFd> make_client_wait() {
        on_demand->command_is_ready();
        system::UniqueFd client = connect();
        BOOST_TEST_REQUIRE(::write(client.get(), "?", 1) == 1);
        system::UniqueFd served = accept();
        until([&] { return test::is_ready(served, POLLIN); });
        return {std::move(client), std::move(served)};
    }

    /// Returns whether a connection to systemd's socket is still not accepted after the proxy had
    /// time to accept it.
    bool leaves_to_systemd() {
        const auto client = connect();
        turn();
        return test::is_ready(systemd.fd(), POLLIN);
    }

    /// Runs everything that the loop need not wait for.
    void turn() {
        test::run(loop, [this]() -> event::Awaitable<> {
            for (int count = 0; count < 20; ++count)
                co_await loop.yield();
        });
    }

    std::string refusal() {
        try {
            take_sockets();
        } catch (const proxy::SocketError& error) {
            return error.what();
        }
        return "it was not refused";
    }
};

using Names = std::vector<std::string>;

bool has(const std::string& text, std::string_view part) {
    BOOST_TEST_INFO(text);
    return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(on_demand, Proxied)

BOOST_AUTO_TEST_CASE(the_command_keeps_sockets_that_have_no_proxy) {
    const probe::Listener metrics;
    const probe::Listener admin;
    options.proxies = {proxy::parse_specification(util::concat("http=", target_of(app)))};
    pass("metrics", metrics.fd());
    pass("http", systemd.fd());
    pass("admin", admin.fd());
    const int kept[] = {passed.fds[0].get(), passed.fds[2].get()};
    take_sockets();
    BOOST_TEST(passed.names == (Names{"metrics", "admin"}), boost::test_tools::per_element());
    BOOST_TEST_REQUIRE(passed.fds.size() == 2u);
    BOOST_TEST(passed.fds[0].get() == kept[0]);
    BOOST_TEST(passed.fds[1].get() == kept[1]);
}

BOOST_AUTO_TEST_CASE(listen_variables_are_removed_from_the_environment) {
    for (const char* const name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "PATH"})
        environment.set(name, "1");
    pass("http", systemd.fd());
    take_sockets();
    BOOST_TEST(environment.entries() == Names{"PATH=1"}, boost::test_tools::per_element());
    BOOST_TEST(passed.fds.empty());
}

BOOST_AUTO_TEST_CASE(a_proxy_without_a_socket_is_refused) {
    BOOST_TEST(has(refusal(), "systemd has passed no socket"));
    options.proxies = {proxy::parse_specification(util::concat("https=", target_of(app)))};
    pass("http", systemd.fd());
    BOOST_TEST(has(refusal(), "systemd has passed no socket of this name, only \"http\""));
}

BOOST_AUTO_TEST_CASE(a_proxy_to_its_own_socket_is_refused) {
    pass("http", app.fd());
    BOOST_TEST(has(refusal(), "the socket itself listens on this address"));
}

BOOST_AUTO_TEST_CASE(clients_wait_until_the_command_is_ready) {
    start();
    const auto client = connect();
    turn();
    BOOST_TEST(test::is_ready(systemd.fd(), POLLIN));
    on_demand->command_is_ready();
    BOOST_TEST(static_cast<bool>(accept()));
    until([this] {
        return on_demand->counts().accepted == 1 && !whole.all<ConnectionsChanged>().empty();
    });
}

BOOST_AUTO_TEST_CASE(an_ended_command_gets_no_clients) {
    start();
    on_demand->command_is_ready();
    turn();
    on_demand->command_ended();
    BOOST_TEST(leaves_to_systemd());
    // READY=1 may arrive after the end of the command.
    on_demand->command_is_ready();
    BOOST_TEST(leaves_to_systemd());
}

BOOST_AUTO_TEST_CASE(a_stop_without_sockets_does_not_wait) {
    on_demand.emplace(loop, supervisor, options, whole);
    on_demand->stop_comes();
    BOOST_TEST(!supervisor.signals().holds_stop());
    on_demand->command_is_ready();
    on_demand->hurry();
    on_demand->command_ended();
}

BOOST_AUTO_TEST_CASE(a_stop_without_clients_does_not_wait) {
    start();
    on_demand->command_is_ready();
    turn();
    supervisor.take(SIGTERM);
    BOOST_TEST(leaves_to_systemd());
    on_demand->command_is_ready();
    BOOST_TEST(leaves_to_systemd());
    until([this] { return end.has_value(); });
    BOOST_TEST(*end == ExitStatus::killed(SIGTERM));
}

BOOST_AUTO_TEST_CASE(a_stop_waits_for_a_client_without_an_answer) {
    start();
    const auto ends = make_client_wait();
    supervisor.take(SIGTERM);
    supervisor.take(SIGTERM);
    BOOST_TEST(leaves_to_systemd());
    BOOST_TEST(supervisor.signals().holds_stop());
    BOOST_TEST(!end.has_value());
    // After the end of the connection, the stop no longer waits for its client.
    BOOST_TEST_REQUIRE(::shutdown(ends.second.get(), SHUT_RDWR) == 0);
    BOOST_TEST_REQUIRE(::shutdown(ends.first.get(), SHUT_RDWR) == 0);
    until([this] { return end.has_value(); });
    BOOST_TEST(*end == ExitStatus::killed(SIGTERM));
    BOOST_TEST(!supervisor.signals().holds_stop());
}

BOOST_AUTO_TEST_CASE(a_stop_waits_for_clients_until_its_time_is_over) {
    options.stop_timeout = 100ms;
    start();
    const auto ends = make_client_wait();
    const auto begin = std::chrono::steady_clock::now();
    supervisor.take(SIGTERM);
    until([this] { return end.has_value(); });
    BOOST_TEST((std::chrono::steady_clock::now() - begin >= 90ms));
    BOOST_TEST(whole.all<StopDelayed>().size() == 1u);
    BOOST_TEST(*end == ExitStatus::killed(SIGTERM));
}

BOOST_AUTO_TEST_CASE(a_call_of_hurry_ends_the_wait_for_a_client) {
    start();
    const auto ends = make_client_wait();
    supervisor.take(SIGTERM);
    turn();
    BOOST_TEST(!end.has_value());
    on_demand->hurry();
    until([this] { return end.has_value(); });
    BOOST_TEST(*end == ExitStatus::killed(SIGTERM));
}

BOOST_AUTO_TEST_CASE(clients_that_do_not_read_get_the_time_of_a_stop_once) {
    options.stop_timeout = 1s;
    start();
    const auto ends = make_client_wait();
    const std::string unread(16 << 20, 'x');
    BOOST_TEST_REQUIRE(::fcntl(ends.second.get(), F_SETFL, O_NONBLOCK) == 0);
    const auto begin = std::chrono::steady_clock::now();
    supervisor.take(SIGTERM);
    until([&] {
        static_cast<void>(::send(ends.second.get(), unread.data(), unread.size(), MSG_NOSIGNAL));
        return end.has_value();
    });
    on_demand->command_ended();
    test::run(loop, [this]() -> event::Awaitable<> { co_await on_demand->finish(1h); });
    // The client had 900 ms before the signal.
    const auto span = std::chrono::steady_clock::now() - begin;
    BOOST_TEST((span >= 990ms));
    BOOST_TEST((span < 30s));
}

BOOST_AUTO_TEST_CASE(an_idle_proxy_is_reported_once) {
    options.proxy.idle_timeout = 1ms;
    pass("http", systemd.fd());
    take_sockets();
    on_demand->command_is_ready();
    until([&] { return !whole.all<IdleTimedOut>().empty(); });
    turn();
    BOOST_TEST(whole.all<IdleTimedOut>().size() == 1u);
    BOOST_TEST(leaves_to_systemd());
}

BOOST_AUTO_TEST_CASE(the_last_bytes_of_the_command_reach_its_client) {
    start();
    const auto ends = make_client_wait();
    BOOST_TEST_REQUIRE(::write(ends.second.get(), "bye", 3) == 3);
    on_demand->command_ended();
    BOOST_TEST_REQUIRE(::shutdown(ends.second.get(), SHUT_RDWR) == 0);
    test::run(loop, [this]() -> event::Awaitable<> { co_await on_demand->finish(10s); });
    char text[8];
    BOOST_TEST_REQUIRE(test::is_ready(ends.first, POLLIN, 1000));
    BOOST_TEST(::read(ends.first.get(), text, sizeof text) == 3);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wrap::test_on_demand
