#include "init/answers/control/call.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

/// Tests the packets of the control socket.
namespace notifybridge::control {
namespace {

json::object object_of(std::string_view text) {
    return {{"line", text}};
}

/// Splits the object into packets, and returns the object that the receiver of the packets reads.
std::optional<json::object> transfer(const json::object& object) {
    PartialAnswer answer;
    const auto packets = to_packets(object);
    for (std::size_t at = 0; at < packets.size(); ++at) {
        const bool is_last = at + 1 == packets.size();
        BOOST_TEST(packets[at].size() <= longest_packet);
        BOOST_TEST(!packets[at].empty());
        BOOST_TEST_REQUIRE((answer.add(packets[at]) == PartialAnswer::Taken::whole) == is_last);
    }
    return parse_packet(answer.take());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(packets)

BOOST_AUTO_TEST_CASE(a_short_answer_of_init_is_one_packet) {
    const json::object object = {{"unit", "a.service"}, {"job", true}};
    BOOST_TEST(to_packets(object).size() == 1);
    BOOST_TEST((transfer(object) == object));
}

BOOST_AUTO_TEST_CASE(a_long_answer_of_init_is_joined_from_packets) {
    const std::size_t around = json::serialize(object_of("")).size();
    for (const std::size_t size : {longest_packet - 1, longest_packet, longest_packet + 1,
                                   3 * longest_packet, 10 * longest_packet + 7}) {
        const json::object object = object_of(std::string(size - around, 'x'));
        BOOST_TEST(to_packets(object).size() == size / longest_packet + 1);
        BOOST_TEST((transfer(object) == object));
    }
}

BOOST_AUTO_TEST_CASE(an_endless_answer_of_init_is_rejected) {
    PartialAnswer answer;
    const std::string full(longest_packet, ' ');
    for (std::size_t size = full.size(); size <= longest_answer; size += full.size())
        BOOST_TEST_REQUIRE((answer.add(full) == PartialAnswer::Taken::part));
    BOOST_TEST((answer.add(full) == PartialAnswer::Taken::too_long));
}

BOOST_AUTO_TEST_CASE(a_text_in_a_call_may_have_any_bytes) {
    std::string bytes;
    for (int byte = 0; byte < 256; ++byte)
        bytes += static_cast<char>(byte);
    BOOST_TEST((transfer(object_of(bytes)) == object_of(bytes)));
}

BOOST_AUTO_TEST_CASE(an_invalid_or_deeply_nested_call_is_rejected) {
    for (const char* const text :
         {"", " ", "1", "[]", "\"a\"", "{", "{}}", "{\"a\":}", "{\"a\":[[[[1]]]]}"})
        BOOST_TEST(!parse_packet(text), text);
    BOOST_TEST(!parse_packet("{}" + std::string(longest_answer, ' ')));
    BOOST_TEST(parse_packet(" {\"a\":[[[1]]]} ").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::control
