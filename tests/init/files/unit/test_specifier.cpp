#include "init/files/unit/specifier.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>

#include "names.hpp"

namespace notifybridge::unit {
namespace {

Facts facts() {
    Facts facts;
    facts.host_name = "host.example";
    facts.short_host_name = "host";
    facts.pretty_host_name = "Host";
    facts.kernel_release = "6.1";
    facts.architecture = "x86-64";
    facts.machine_id = "m1";
    facts.os_id = "debian";
    facts.os_version_id = "12";
    facts.os_build_id = "build";
    facts.os_variant_id = "variant";
    facts.os_image_id = "image";
    facts.os_image_version = "7";
    return facts;
}

struct Expansion {
    const char* name;
    const char* text;
    const char* expanded;

    friend std::ostream& operator<<(std::ostream& out, const Expansion& expansion) {
        return out << expansion.text << " of " << expansion.name;
    }
};

// The specifiers are from systemd.unit(5), SPECIFIERS.
const Expansion expansions[] = {
    {"a\\x2db-c@d-e\\x2df.service", "%n", "a\\x2db-c@d-e\\x2df.service"},
    {"a\\x2db-c@d-e\\x2df.service", "%N", "a\\x2db-c@d-e\\x2df"},
    {"a\\x2db-c@d-e\\x2df.service", "%p|%P", "a\\x2db-c|a-b/c"},
    {"a\\x2db-c@d-e\\x2df.service", "%i|%I", "d-e\\x2df|d/e-f"},
    {"a-b\\x2dc@d.service", "%j|%J", "b\\x2dc|b-c"},
    {"a@d-e.service", "%f", "/d/e"},
    {"a-b.service", "%f", "/a/b"},
    {"a-b.service", "[%i][%I]", "[][]"},
    {"a.service", "%t %S %C %L %E", "/run /var/lib /var/cache /var/log /etc"},
    {"a.service", "%D", "/usr/share"},
    {"a.service", "%T %V %d", "/tmp /var/tmp /run/credentials/a.service"},
    {"a.service", "%u %U %g %G %h %s", "root 0 root 0 /root /bin/sh"},
    {"a.service", "%y %Y", "/etc/a.service /etc"},
    {"a.service", "%H %l %q %v %a %m", "host.example host Host 6.1 x86-64 m1"},
    {"a.service", "%o %w %B %W %M %A", "debian 12 build variant image 7"},
    {"a.service", "%%n %- % %", "%n %- % %"},
    {"a.service", "", ""},
};

Expanded expand(const char* text, const char* name, SpecifierScope scope = SpecifierScope::any) {
    const Facts known = facts();
    const UnitName unit = test::name(name);
    return expand_specifiers(text, {known, unit, "/etc/a.service"}, scope);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(specifier)

BOOST_DATA_TEST_CASE(a_specifier_is_replaced_by_its_value, expansions, expansion) {
    const Expanded expanded = expand(expansion.text, expansion.name);
    BOOST_TEST(expanded.failure == "");
    BOOST_TEST(expanded.text == expansion.expanded);
}

BOOST_AUTO_TEST_CASE(a_specifier_with_an_unknown_letter_is_an_error) {
    for (const char* const text : {"%Z", "a %0", "%x"})
        BOOST_TEST(!expand(text, "a.service").is_valid(), text);
    BOOST_TEST(expand("%Z", "a.service").failure
               == "\"%Z\" is not a specifier; write \"%%\" for a \"%\"");
}

BOOST_AUTO_TEST_CASE(a_specifier_without_a_value_is_an_error) {
    BOOST_TEST(!expand("%b", "a.service").is_valid());
    BOOST_TEST(!expand("%f", "a@b-.service").is_valid());
    BOOST_TEST(!expand("%I", "a@\\x.service").is_valid());
}

BOOST_AUTO_TEST_CASE(a_unit_name_cannot_contain_path_specifiers) {
    for (const char letter : std::string_view("CdEfhIJLPsStTVyY"))
        BOOST_TEST(!expand(std::string({'%', letter}).c_str(), "a.service", SpecifierScope::names)
                        .is_valid(),
                   letter);
    for (const char letter : std::string_view("aAgGHijlmnNopquUvwW%"))
        BOOST_TEST(expand(std::string({'%', letter}).c_str(), "a.service", SpecifierScope::names)
                       .is_valid(),
                   letter);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::unit
