#include "base/bus/client.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <thread>

#include "base/bus/writer.hpp"

namespace notifybridge::bus {
namespace {

using namespace std::chrono_literals;
using Type = Message::Type;

const std::string welcome = "OK 0123456789abcdef\r\n";

std::string answer(std::uint32_t serial, Type type = Type::answer) {
    Writer body;
    body.add_string("text");
    Message message;
    message.type = type;
    message.reply_serial = serial;
    message.signature = "s";
    message.body = std::move(body.bytes);
    return encode_message(9, message);
}

/// The other side of a client. It answers each received piece of data with the next text.
class Side {
public:
    explicit Side(std::vector<std::string> answers) {
        std::array<int, 2> ends;
        BOOST_REQUIRE(
            ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) == 0);
        clients_ = system::UniqueFd(ends[0]);
        thread_ =
            std::jthread([end = system::UniqueFd(ends[1]), answers, this] { serve(end, answers); });
    }

    Client client(std::string_view name = {}) {
        return Client(std::move(clients_), Client::Clock::now() + 2000ms, name);
    }
    /// Returns the last piece of data after the other side has ended.
    const std::string& last_piece() {
        thread_.join();
        return last_;
    }

private:
    void serve(const system::UniqueFd& end, const std::vector<std::string>& answers) {
        std::array<char, 4096> buffer;
        for (const std::string& text : answers) {
            pollfd readable{end.get(), POLLIN, 0};
            ::poll(&readable, 1, 2000);
            const ssize_t size = ::recv(end.get(), buffer.data(), buffer.size(), 0);
            if (size <= 0)
                return;
            last_.assign(buffer.data(), static_cast<std::size_t>(size));
            (void)::send(end.get(), text.data(), text.size(), MSG_NOSIGNAL);
        }
    }

    system::UniqueFd clients_;
    std::string last_;
    std::jthread thread_;
};

BOOST_AUTO_TEST_SUITE(client)

BOOST_AUTO_TEST_CASE(a_service_is_called_without_a_bus) {
    // An answer to another call is ignored.
    Side side({welcome, answer(7) + answer(1)});
    Client client = side.client();
    BOOST_TEST(client.greet());
    BOOST_TEST(client.call("/o", "i", "M", {"x"}).has_value());
    BOOST_TEST(decode_message(side.last_piece()).value().destination == "");
}

BOOST_AUTO_TEST_CASE(a_service_on_a_bus_is_called_by_its_name) {
    Side side({welcome, answer(1), answer(2), answer(3)});
    Client client = side.client("a.b");
    BOOST_TEST(client.greet());
    BOOST_TEST(client.call("/o", "i", "M").has_value());
    BOOST_TEST(decode_message(side.last_piece()).value().destination == "a.b");
}

BOOST_AUTO_TEST_CASE(a_service_that_is_not_on_the_bus_is_not_greeted) {
    Side side({welcome, answer(1), answer(2, Type::error)});
    BOOST_TEST(!side.client("a.b").greet());
    Side rude({"REJECTED EXTERNAL\r\n"});
    BOOST_TEST(!rude.client().greet());
    Side gone({});
    BOOST_TEST(!gone.client().greet());
}

BOOST_AUTO_TEST_CASE(an_error_is_told_from_a_missing_answer) {
    Side refusing({welcome, answer(1, Type::error)});
    Client client = refusing.client();
    BOOST_TEST(client.greet());
    BOOST_TEST(!client.call("/o", "i", "M").has_value());
    BOOST_TEST(client.was_refused());
    Side ending({welcome, ""});
    Client other = ending.client();
    BOOST_TEST(other.greet());
    BOOST_TEST(!other.call("/o", "i", "M").has_value());
    BOOST_TEST(!other.was_refused());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::bus
