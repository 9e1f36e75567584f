#include "init/answers/dbus/value.hpp"

#include <boost/test/unit_test.hpp>

#include "base/bus/property.hpp"
#include "init/answers/dbus/interfaces.hpp"
#include "init/files/directive/property_text.hpp"

namespace notifybridge::dbus {
namespace {

std::string read_back(std::string_view type, std::string_view text) {
    bus::Writer writer;
    add_value(writer, type, text);
    bus::Reader reader(writer.bytes);
    std::string_view types = type;
    std::string value = bus::read_text(reader, types);
    BOOST_TEST(reader.is_good());
    BOOST_TEST(reader.is_at_end());
    return value;
}

BOOST_AUTO_TEST_SUITE(value)

BOOST_AUTO_TEST_CASE(texts_of_ctl_show_become_bus_values) {
    BOOST_TEST(read_back("s", "a b") == "a b");
    BOOST_TEST(read_back("b", "yes") == "yes");
    BOOST_TEST(read_back("b", "no") == "no");
    BOOST_TEST(read_back("u", "77") == "77");
    BOOST_TEST(read_back("i", "-1") == "-1");
    BOOST_TEST(read_back("t", "@1795633753145032") == "1795633753145032");
    BOOST_TEST(read_back("t", "1min 30s") == "90000000");
    BOOST_TEST(read_back("t", "infinity") == "18446744073709551615");
    BOOST_TEST(read_back("t", "[not set]") == "18446744073709551615");
    BOOST_TEST(read_back("t", "[no data]") == "18446744073709551615");
    BOOST_TEST(read_back("u", "0755") == "493");
    BOOST_TEST(read_back("u", "[not set]") == "4294967295");
    // FailureActionExitStatus
    BOOST_TEST(read_back("i", "[not set]") == "-1");
    BOOST_TEST(read_back("ay", "00ff10") == "00ff10");
    BOOST_TEST(read_back("(uo)", "5") == "5 /org/freedesktop/systemd1/job/5");
    BOOST_TEST(read_back("(so)", "a.service") == "a.service " + bus::unit_path("a.service"));
    BOOST_TEST(read_back("(ss)", "a.b \"no such unit\"") == "a.b no such unit");
    BOOST_TEST(read_back("a(ss)", "/run/a (b) (Stream)\n[::]:80 (Datagram)")
               == "Stream /run/a (b) Datagram [::]:80");
    BOOST_TEST(read_back("a(sbbsi)", "ConditionHost yes no -1 box\nConditionUser no yes 1 \"a b\"")
               == "ConditionHost yes no box -1 ConditionUser no yes a b 1");
}

BOOST_AUTO_TEST_CASE(a_missing_text_becomes_an_empty_bus_value) {
    for (const std::string_view type : {"s", "as", "ay", "a(ss)", "a(sbbsi)"})
        BOOST_TEST(read_back(type, "") == "");
    for (const std::string_view type : {"u", "i", "t"})
        BOOST_TEST(read_back(type, "") == "0");
    BOOST_TEST(read_back("b", "") == "no");
    BOOST_TEST(read_back("(uo)", "") == "0 /");
    BOOST_TEST(read_back("(ss)", "") == "");
}

BOOST_AUTO_TEST_CASE(split_property_separates_quoted_words) {
    const std::vector<std::string> words = {"plain",  "two words",  "\"quoted\"",
                                            "$a`b\\", "\a\n\t\x7f", ""};
    const std::vector<std::string> kept(words.begin(), words.end() - 1);
    BOOST_TEST((split_property(directive::to_property(kept)) == kept));
    BOOST_TEST(split_property("").empty());
    for (const std::string_view cut : {"\"", "\"\\", "\"\\0", "a \"b", "\"\\777\""})
        BOOST_TEST(split_property(cut).size() <= 2U);
}

BOOST_AUTO_TEST_CASE(add_text_replaces_invalid_bytes) {
    bus::Writer writer;
    add_text(writer, std::string("a\xff\0b\xed\xa0\x80\xc3\xa4", 9));
    bus::Reader reader(writer.bytes);
    BOOST_TEST(reader.string() == "a??b???\xc3\xa4");
}

BOOST_AUTO_TEST_CASE(each_type_of_a_property_can_be_written) {
    const Object object{Object::Kind::unit, "a.service", 0};
    std::vector<const Interface*> all = {&find_interface(manager_interface),
                                         &find_interface(job_interface)};
    for (const auto type : {unit::UnitType::service, unit::UnitType::socket, unit::UnitType::target,
                            unit::UnitType::timer, unit::UnitType::path})
        for (const Interface* const each : interfaces_of(object, type))
            all.push_back(each);
    for (const Interface* const interface : all)
        for_each_property(*interface, [](const Member& property) {
            for (const std::string_view text : {"", "yes", "7", "@7", "nonsense \" \\"}) {
                bus::Writer writer;
                add_value(writer, property.type, text);
                bus::Reader reader(writer.bytes);
                std::string_view types = property.type;
                bus::read_text(reader, types);
                BOOST_TEST((types.empty() && reader.is_good() && reader.is_at_end()),
                           property.name);
            }
        });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::dbus
