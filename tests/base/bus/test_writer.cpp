#include "base/bus/writer.hpp"

#include <boost/test/unit_test.hpp>

#include "base/bus/property.hpp"

namespace notifybridge::bus {
namespace {

using namespace std::string_literals;

std::string read_back(const Writer& writer, std::string_view types) {
    Reader reader(writer.bytes);
    std::string text;
    while (!types.empty())
        text += read_text(reader, types) + ";";
    BOOST_TEST(reader.is_good());
    BOOST_TEST(reader.is_at_end());
    return text;
}

BOOST_AUTO_TEST_SUITE(writer)

BOOST_AUTO_TEST_CASE(values_in_a_bus_message_are_aligned_as_specified) {
    Writer writer;
    writer.add_byte(1);
    writer.add_number(2);
    writer.add_signature("s");
    writer.add_long(3);
    BOOST_TEST(writer.bytes == "\1\0\0\0\2\0\0\0\1s\0\0\0\0\0\0\3\0\0\0\0\0\0\0"s);
}

BOOST_AUTO_TEST_CASE(the_size_of_an_array_does_not_include_its_padding) {
    Writer writer;
    writer.end_array(writer.begin_array(8));
    BOOST_TEST(writer.bytes == "\0\0\0\0\0\0\0\0"s);
    writer = {};
    const auto array = writer.begin_array(8);
    writer.begin_struct();
    writer.add_long(5);
    writer.end_array(array);
    BOOST_TEST(writer.bytes == "\x08\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0"s);
}

BOOST_AUTO_TEST_CASE(values_written_to_a_bus_message_can_be_read) {
    Writer writer;
    writer.add_bool(true);
    writer.add_string("text");
    const auto entries = writer.begin_array(8);
    for (const std::string_view name : {"one", "two"}) {
        writer.begin_struct();
        writer.add_string(name);
        writer.add_signature("t");
        writer.add_long(7);
    }
    writer.end_array(entries);
    BOOST_TEST(read_back(writer, "bsa{sv}") == "yes;text;one 7 two 7;");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::bus
