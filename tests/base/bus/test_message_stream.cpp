#include "base/bus/message_stream.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

#include "base/bus/reader.hpp"

namespace notifybridge::bus {
namespace {

constexpr std::size_t longest = 400;

std::string call_with(const std::string& text) {
    return encode_call(7, {"/a", "b.c", "b.c", "Get"}, {text});
}

/// Adds `bytes` to a stream in pieces of size `piece`. Returns all messages of the stream.
std::vector<MessageStream::Item> split(std::string_view bytes, std::size_t piece) {
    MessageStream stream(longest);
    std::vector<MessageStream::Item> items;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        stream.add(bytes.substr(at, piece));
        while (auto item = stream.next())
            items.push_back(std::move(*item));
    }
    BOOST_TEST(!stream.is_broken());
    return items;
}

BOOST_AUTO_TEST_SUITE(message_stream)

BOOST_AUTO_TEST_CASE(bus_messages_may_arrive_in_any_pieces) {
    const std::string bytes = "OK 1\r\n" + call_with("one") + call_with("two");
    for (std::size_t piece = 1; piece < bytes.size(); ++piece) {
        const auto items = split(bytes, piece);
        BOOST_REQUIRE(items.size() == 2U);
        BOOST_TEST(items[0].message->strings.front() == "one");
        BOOST_TEST(items[1].message->strings.front() == "two");
    }
}

BOOST_AUTO_TEST_CASE(a_reader_may_stop_at_the_end_of_each_bus_message) {
    const std::string bytes =
        call_with("two") + call_with(std::string(2 * longest, 'x')) + call_with("four");
    MessageStream stream(longest);
    stream.add("OK 1\r\n" + call_with("one"));
    BOOST_TEST(stream.next().has_value());
    std::size_t items = 0;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::uint64_t wanted = stream.wanted();
        BOOST_REQUIRE(wanted > 0U);
        stream.add(std::string_view(bytes).substr(at, wanted));
        at += wanted;
        if (stream.next())
            ++items;
        BOOST_TEST(!stream.next());
    }
    BOOST_TEST(items == 3U);
}

BOOST_AUTO_TEST_CASE(the_bus_may_answer_a_request_for_descriptors) {
    for (const std::string agreement : {"AGREE_UNIX_FD\r\n", "ERROR not supported\r\n"}) {
        const std::string bytes = "OK 1\r\n" + agreement + call_with("one") + call_with("two");
        for (std::size_t piece = 1; piece < bytes.size(); ++piece)
            BOOST_TEST(split(bytes, piece).size() == 2U);
    }
    MessageStream stream(longest);
    stream.add("OK 1\r\n" + call_with("one"));
    BOOST_TEST(stream.next().has_value());
    stream.add("AGREE_UNIX_FD\r\n" + std::string(40, 'x'));
    BOOST_TEST(!stream.next());
    BOOST_TEST(stream.is_broken());
}

BOOST_AUTO_TEST_CASE(only_the_header_of_a_too_long_bus_message_is_kept) {
    const std::string bytes =
        "OK 1\r\n" + call_with(std::string(10 * longest, 'x')) + call_with("two");
    for (const std::size_t piece : {1UL, 100UL, 4096UL, 100000UL}) {
        const auto items = split(bytes, piece);
        BOOST_REQUIRE(items.size() == 2U);
        BOOST_TEST(items[0].is_too_long);
        BOOST_TEST(items[0].message->member == "Get");
        BOOST_TEST(items[0].message->serial == 7U);
        BOOST_TEST(items[0].message->body.empty());
        BOOST_TEST(!items[1].is_too_long);
        BOOST_TEST(items[1].message->strings.front() == "two");
    }
}

BOOST_AUTO_TEST_CASE(a_bus_message_with_a_long_header_is_skipped) {
    const std::string path(2 * longest, 'x');
    const std::string bytes =
        "OK 1\r\n" + encode_call(1, {path, "b.c", "b.c", "Get"}) + call_with("two");
    const auto items = split(bytes, 50);
    BOOST_REQUIRE(items.size() == 2U);
    BOOST_TEST(!items[0].message);
    BOOST_TEST(items[1].message->strings.front() == "two");
}

BOOST_AUTO_TEST_CASE(a_malformed_bus_message_does_not_end_the_stream) {
    std::string bad = call_with("one");
    bad[bad.size() - 1] = 'x';  // The string has no final NUL.
    const auto items = split("OK 1\r\n" + bad + call_with("two"), 1000);
    BOOST_REQUIRE(items.size() == 2U);
    BOOST_TEST(!items[0].message);
    BOOST_TEST(items[1].message->strings.front() == "two");
}

BOOST_AUTO_TEST_CASE(bytes_that_are_not_from_a_bus_end_the_stream) {
    for (const std::string& bytes : {std::string("REJECTED\r\n"), std::string(longest + 1, 'x'),
                                     "OK 1\r\n" + std::string(40, 'x')}) {
        MessageStream stream(longest);
        stream.add(bytes);
        BOOST_TEST(!stream.next());
        BOOST_TEST(stream.is_broken());
        stream.clear();
        stream.add("OK 1\r\n" + call_with("one"));
        BOOST_TEST(stream.next().has_value());
    }
}

BOOST_AUTO_TEST_CASE(random_bytes_in_a_bus_stream_are_harmless) {
    std::mt19937 random(1);
    const std::string whole = call_with("one") + call_with(std::string(longest, 'x'));
    for (int round = 0; round < 20000; ++round) {
        std::string other = whole;
        for (unsigned count = random() % 4 + 1; count > 0; --count)
            other[random() % other.size()] = static_cast<char>(random());
        MessageStream stream(longest);
        stream.add("OK 1\r\n");
        stream.add(other);
        int count = 0;
        while (stream.next())
            ++count;
        BOOST_TEST(count <= 100);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::bus
