#include "init/files/unit/name.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace notifybridge::unit {
namespace {

const std::string longest = std::string(255 - 8, 'x') + ".service";

const char* const names[] = {
    "a.service",     "a-b:c_d.\\x20.socket",
    "a@.target",     "a@b.service",
    "a@b@c.service", "a.b.service",
    "-.mount",       "1.timer",
    ".a.service",    "a.slice",
};

const char* const no_names[] = {
    "",
    "a",
    "service",
    ".service",
    "a.",
    "a.foo",
    "a.Service",
    "@.service",
    "@b.service",
    "a b.service",
    "a/b.service",
    "a%i.service",
    "\xC3\xA4.service",
    "a.service ",
    "a=b.service",
};

}  // namespace

BOOST_AUTO_TEST_SUITE(name)

BOOST_DATA_TEST_CASE(a_valid_unit_name_is_parsed, names, text) {
    const auto parsed = UnitName::parse(text);
    BOOST_REQUIRE(parsed.has_value());
    BOOST_TEST(parsed->text() == text);
}

BOOST_DATA_TEST_CASE(an_invalid_unit_name_is_rejected, no_names, text) {
    BOOST_TEST(!UnitName::parse(text).has_value());
}

BOOST_AUTO_TEST_CASE(a_unit_name_has_at_most_255_bytes) {
    BOOST_TEST(UnitName::parse(longest).has_value());
    BOOST_TEST(!UnitName::parse('x' + longest).has_value());
}

BOOST_AUTO_TEST_CASE(the_name_of_an_instance_is_split_into_its_parts) {
    const auto parsed = UnitName::parse("a-b@c@d.e.service");
    BOOST_REQUIRE(parsed.has_value());
    BOOST_TEST(parsed->prefix() == "a-b");
    BOOST_TEST(parsed->instance() == "c@d.e");
    BOOST_TEST(parsed->stem() == "a-b@c@d.e");
    BOOST_TEST((parsed->type() == UnitType::service));
    BOOST_TEST((parsed->kind() == NameKind::instance));
    BOOST_TEST(parsed->template_name()->text() == "a-b@.service");
    BOOST_TEST(parsed->with_instance("x")->text() == "a-b@x.service");
    BOOST_TEST(!parsed->with_instance("x y").has_value());
}

BOOST_AUTO_TEST_CASE(a_plain_unit_name_has_no_template) {
    const auto parsed = UnitName::parse("a.b.socket");
    BOOST_TEST((parsed->kind() == NameKind::plain));
    BOOST_TEST(parsed->prefix() == "a.b");
    BOOST_TEST(parsed->instance() == "");
    BOOST_TEST(!parsed->template_name().has_value());
    BOOST_TEST((UnitName::parse("a@.socket")->kind() == NameKind::template_unit));
}

BOOST_AUTO_TEST_CASE(the_suffix_of_a_unit_name_determines_the_unit_type) {
    for (const UnitType type : {UnitType::service, UnitType::socket, UnitType::scope})
        BOOST_TEST((parse_unit_type(to_string(type)) == type));
    BOOST_TEST(!parse_unit_type("snapshot").has_value());
}

BOOST_AUTO_TEST_CASE(an_alias_must_have_the_type_and_the_instance_of_its_unit) {
    const auto may = [](const char* link, const char* target) {
        return may_be_alias(*UnitName::parse(link), *UnitName::parse(target));
    };
    BOOST_TEST(may("a.service", "b.service"));
    BOOST_TEST(may("a@.service", "b@.service"));
    BOOST_TEST(may("a@x.service", "b@x.service"));
    BOOST_TEST(may("a@x.service", "b@.service"));
    BOOST_TEST(!may("a@x.service", "b@y.service"));
    BOOST_TEST(!may("a@.service", "b@y.service"));
    BOOST_TEST(!may("a.service", "b@y.service"));
    BOOST_TEST(!may("a.service", "b@.service"));
    BOOST_TEST(!may("a.service", "a.socket"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::unit
