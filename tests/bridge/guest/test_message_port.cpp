#include "bridge/guest/message_port.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "base/notify/message.hpp"
#include "base/system/datagram.hpp"
#include "bridge/guest/listener.hpp"
#include "support/log_records.hpp"
#include "support/run_loop.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::guest {
namespace {

using Texts = std::vector<std::string>;

struct Port {
    test::TemporaryDirectory directory;
    std::string path = directory.path("vm.sock_9999");
    ListenAddress address = *parse_listen_address("unix:" + path);
    event::Loop loop;
    std::optional<MessagePort> port;
    Texts texts;
    std::vector<std::string> too_long;
    std::vector<std::shared_ptr<MessagePort::Connection>> kept;
    bool keeps = false;

    void open(MessagePort::Options options = {}) {
        port.emplace(loop, listen_on(address), options);
        take_from_port();
        loop.spawn([this] { return port->run(); });
    }

    void take_from_port() {
        port->on_message = [this](MessagePort::Arrival arrival) {
            texts.push_back(arrival.text);
            if (keeps)
                kept.push_back(arrival.connection);
        };
        port->on_too_long = [this](std::string_view text) { too_long.emplace_back(text); };
    }

    system::UniqueFd connect() const {
        auto socket = system::make_socket(AF_UNIX, SOCK_STREAM);
        const auto place = system::SocketAddress::unix_path(path);
        BOOST_TEST_REQUIRE(::connect(socket.get(), place.data(), place.size()) == 0);
        return socket;
    }

    /// Sends `text` as sd_notify(3) does. The returned connection stays open for the answer.
    system::UniqueFd send(std::string_view text) const {
        auto socket = connect();
        write(socket, text);
        ::shutdown(socket.get(), SHUT_WR);
        return socket;
    }

    static void write(system::Fd socket, std::string_view text) {
        BOOST_TEST_REQUIRE(::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL)
                           == static_cast<ssize_t>(text.size()));
    }

    /// Returns whether the port has closed its end.
    static bool is_closed(system::Fd socket) {
        char byte = 0;
        const ssize_t size = ::recv(socket.get(), &byte, 1, MSG_DONTWAIT);
        return size == 0 || (size < 0 && errno == ECONNRESET);
    }

    void run_until(std::function<bool()> condition) {
        test::run(loop, [&] { return test::until(loop, condition); });
    }

    void check(const Texts& wanted) {
        run_until([&] { return texts.size() >= wanted.size(); });
        BOOST_TEST(texts == wanted, boost::test_tools::per_element());
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(message_port, Port)

BOOST_AUTO_TEST_CASE(each_connection_of_a_guest_carries_one_message) {
    open();
    const auto one = send("STATUS=1");
    const auto two = send("READY=1\nSTATUS=2");
    check({"STATUS=1", "READY=1\nSTATUS=2"});
    run_until([&] { return is_closed(one) && is_closed(two); });
}

BOOST_AUTO_TEST_CASE(a_message_of_a_guest_may_arrive_in_pieces) {
    open();
    const auto slow = connect();
    write(slow, "STA");
    send("STATUS=fast");
    check({"STATUS=fast"});
    write(slow, "TUS=slow");
    const auto next = send("STATUS=next");
    check({"STATUS=fast", "STATUS=next"});
    BOOST_TEST(!is_closed(slow));
    ::shutdown(slow.get(), SHUT_WR);
    check({"STATUS=fast", "STATUS=next", "STATUS=slow"});
}

BOOST_AUTO_TEST_CASE(a_sender_waits_until_its_connection_is_closed) {
    open();
    keeps = true;
    const auto sender = send("READY=1");
    check({"READY=1"});
    BOOST_TEST(!is_closed(sender));
    kept.clear();
    run_until([&] { return is_closed(sender); });
}

BOOST_AUTO_TEST_CASE(a_too_long_message_ends_its_connection) {
    open();
    const std::string longest(notify::longest_datagram, 'x');
    const auto whole = send(longest);
    const auto endless = connect();
    write(endless, longest + "x");
    run_until([&] { return is_closed(endless) && texts.size() == 1; });
    BOOST_TEST(texts.front() == longest);
    BOOST_TEST(too_long.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_connection_without_a_message_is_ignored) {
    open();
    connect();
    send("");
    send("STATUS=1");
    check({"STATUS=1"});
}

BOOST_AUTO_TEST_CASE(the_oldest_of_too_many_connections_is_closed) {
    const test::LogRecords records(util::Severity::warning);
    MessagePort::Options options;
    options.most_open = 3;
    open(options);
    std::vector<system::UniqueFd> endless;
    for (int number = 0; number < 10; ++number) {
        endless.push_back(connect());
        write(endless.back(), "STATUS=endless");
    }
    send("READY=1");
    check({"READY=1"});
    run_until([&] { return std::ranges::count_if(endless, &Port::is_closed) >= 8; });
    BOOST_TEST(!is_closed(endless.back()));
    BOOST_TEST(is_closed(endless.front()));
    BOOST_TEST(records.has("closing the oldest connection of the guest"));
}

BOOST_AUTO_TEST_CASE(too_many_unprocessed_messages_delay_the_next_message) {
    MessagePort::Options options;
    options.most_open = 2;
    open(options);
    keeps = true;
    send("STATUS=1");
    send("STATUS=2");
    send("STATUS=3");
    check({"STATUS=1", "STATUS=2"});
    event::Timer timer(loop);
    test::run(loop,
              [&]() -> event::Awaitable<> { co_await timer.sleep(std::chrono::milliseconds(50)); });
    BOOST_TEST(texts.size() == 2u);
    kept.clear();
    check({"STATUS=1", "STATUS=2", "STATUS=3"});
}

BOOST_AUTO_TEST_CASE(too_many_unprocessed_messages_close_no_open_connection) {
    MessagePort::Options options;
    options.most_open = 2;
    open(options);
    keeps = true;
    send("STATUS=1");
    const auto part = connect();
    write(part, "STATUS=");
    send("STATUS=3");
    check({"STATUS=1"});
    event::Timer timer(loop);
    test::run(loop,
              [&]() -> event::Awaitable<> { co_await timer.sleep(std::chrono::milliseconds(50)); });
    BOOST_TEST(!is_closed(part));
    write(part, "2");
    ::shutdown(part.get(), SHUT_WR);
    kept.clear();
    run_until([&] { return texts.size() == 3; });
    BOOST_TEST(std::ranges::count(texts, "STATUS=2") == 1);
}

BOOST_AUTO_TEST_CASE(connections_above_the_rate_are_delayed) {
    const test::LogRecords records(util::Severity::warning);
    MessagePort::Options options;
    options.rate = 100;
    open(options);
    const auto begin = std::chrono::steady_clock::now();
    Texts wanted;
    // The burst equals the messages of ten seconds.
    for (int number = 0; number < 1060; ++number) {
        wanted.push_back("STATUS=" + std::to_string(number));
        send(wanted.back());
        if (number % 50 == 0)
            check(wanted);
    }
    check(wanted);
    BOOST_TEST((std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(50)));
    BOOST_TEST(records.has("delaying messages: more than 100 arrive per second"));
}

BOOST_AUTO_TEST_CASE(catch_up_receives_all_waiting_messages) {
    MessagePort::Options options;
    options.most_open = 4;
    options.rate = 1;
    open(options);
    const auto part = connect();
    write(part, "STATUS=part");
    const auto whole = connect();
    write(whole, "STATUS=whole");
    Texts wanted;
    for (int number = 0; number < 100; ++number)
        send("X_N=" + std::to_string(number));
    run_until([&] { return !texts.empty(); });
    ::shutdown(whole.get(), SHUT_WR);
    port->catch_up();
    BOOST_TEST(texts.size() == 101u);
    BOOST_TEST(std::ranges::count(texts, "STATUS=whole") == 1);
    BOOST_TEST(std::ranges::count(texts, "STATUS=part") == 0);
    run_until([&] { return is_closed(part); });
}

BOOST_AUTO_TEST_CASE(each_datagram_at_a_port_is_a_message) {
    int ends[2];
    BOOST_TEST_REQUIRE(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends)
                       == 0);
    const system::UniqueFd sender(ends[1]);
    MessagePort::Options options;
    options.socket_type = SOCK_DGRAM;
    port.emplace(loop, system::UniqueFd(ends[0]), options);
    take_from_port();
    loop.spawn([this] { return port->run(); });
    write(sender, "STATUS=1");
    write(sender, std::string(notify::longest_datagram + 1, 'x'));
    write(sender, "READY=1");
    check({"STATUS=1", "READY=1"});
    BOOST_TEST(too_long.size() == 1u);
    write(sender, "STATUS=last");
    port->catch_up();
    BOOST_TEST(texts.back() == "STATUS=last");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::guest
