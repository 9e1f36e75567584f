#include "base/bus/message.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

namespace notifybridge::bus {
namespace {

constexpr Call hello{"/org/freedesktop/DBus", bus_name, bus_name, "Hello"};

BOOST_AUTO_TEST_SUITE(message)

BOOST_AUTO_TEST_CASE(a_bus_call_is_encoded_as_specified) {
    const std::string expected(
        "l\1\0\1\0\0\0\0\1\0\0\0\x6e\0\0\0"
        "\1\1o\0\x15\0\0\0/org/freedesktop/DBus\0\0\0"
        "\6\1s\0\x14\0\0\0org.freedesktop.DBus\0\0\0\0"
        "\2\1s\0\x14\0\0\0org.freedesktop.DBus\0\0\0\0"
        "\3\1s\0\5\0\0\0Hello\0\0\0",
        128);
    BOOST_TEST(encode_call(1, hello) == expected);
}

BOOST_AUTO_TEST_CASE(a_bus_call_survives_encoding_and_decoding) {
    const auto message = decode_message(encode_call(7, {"/a", "", "b.c", "Get"}, {"", "abc"}));
    BOOST_REQUIRE(message);
    BOOST_TEST(message->serial == 7U);
    BOOST_TEST(message->member == "Get");
    BOOST_TEST(message->signature == "ss");
    BOOST_TEST((message->strings == std::vector<std::string>{"", "abc"}));
}

BOOST_AUTO_TEST_CASE(every_header_field_survives_encoding_and_decoding) {
    Message message;
    message.type = Message::Type::error;
    message.expects_answer = false;
    message.reply_serial = 9;
    message.path = "/a";
    message.interface = "b.c";
    message.member = "Get";
    message.error = "b.c.Failed";
    message.destination = ":1.7";
    message.sender = ":1.8";
    message.signature = "s";
    message.body = std::string("\3\0\0\0abc\0", 8);
    const auto decoded = decode_message(encode_message(5, message));
    BOOST_REQUIRE(decoded);
    BOOST_TEST((decoded->type == Message::Type::error));
    BOOST_TEST(!decoded->expects_answer);
    BOOST_TEST(decoded->serial == 5U);
    BOOST_TEST(decoded->reply_serial == 9U);
    BOOST_TEST(decoded->path == "/a");
    BOOST_TEST(decoded->interface == "b.c");
    BOOST_TEST(decoded->member == "Get");
    BOOST_TEST(decoded->error == "b.c.Failed");
    BOOST_TEST(decoded->destination == ":1.7");
    BOOST_TEST(decoded->sender.empty());  // Only the bus sets the sender.
    BOOST_TEST((decoded->strings == std::vector<std::string>{"abc"}));
}

BOOST_AUTO_TEST_CASE(a_bus_message_with_swapped_byte_order_is_decoded) {
    const std::string bytes(
        "B\1\0\1\0\0\0\x08\0\0\0\7\0\0\0\x27"
        "\1\1o\0\0\0\0\2/a\0\0\0\0\0\0"
        "\3\1s\0\0\0\0\3Get\0\0\0\0\0"
        "\x08\1g\0\1s\0\0"
        "\0\0\0\3abc\0",
        64);
    const auto message = decode_message(bytes);
    BOOST_REQUIRE(message);
    BOOST_TEST(message->is_swapped);
    BOOST_TEST(message->serial == 7U);
    BOOST_TEST(message->path == "/a");
    BOOST_TEST(message->member == "Get");
    BOOST_TEST((message->strings == std::vector<std::string>{"abc"}));
}

BOOST_AUTO_TEST_CASE(a_truncated_or_changed_bus_message_is_harmless) {
    const std::string whole = encode_call(3, hello, {"a.b", "", ":1.7"});
    BOOST_TEST(message_size(whole).value() == whole.size());
    for (std::size_t size = 0; size < whole.size(); ++size) {
        BOOST_TEST(!decode_message(whole.substr(0, size)));
        BOOST_TEST(message_size(whole.substr(0, size)).has_value() == (size >= 16));
    }
    BOOST_TEST(message_size("x" + whole.substr(1)).value() == 0U);
    std::mt19937 random(1);
    for (int round = 0; round < 20000; ++round) {
        std::string other = whole;
        for (unsigned count = random() % 4 + 1; count > 0; --count)
            other[random() % other.size()] = static_cast<char>(random());
        if (const auto message = decode_message(other))
            BOOST_TEST(message->strings.size() <= 255U);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::bus
