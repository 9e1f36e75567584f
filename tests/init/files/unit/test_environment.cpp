#include "init/files/unit/environment.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>

#include "init/files/unit/merge_variables.hpp"

namespace notifybridge::unit {
namespace {

struct File {
    const char* text;
    Environment variables;

    friend std::ostream& operator<<(std::ostream& out, const File& file) {
        return out << file.text;
    }
};

// The results are from systemd.exec(5), EnvironmentFile=, and from a real systemd.
const File files[] = {
    {"", {}},
    {"A=1\nB = 2\n C=3 \t\n", {"A=1", "B=2", "C=3"}},
    {"# A=1\n;B=2\nexport D=4\n1BAD=x\nnothing\nE=", {"E="}},
    {"A='a \\b \"c\n d'\n", {"A=a \\b \"c\n d"}},
    {"A=\"x\\\"y\\`z\\$w\\\\v\\q\"\n", {"A=x\"y`z$w\\v\\q"}},
    {"A=a\\\nb\nB=\"c\\\nd\"\n", {"A=ab", "B=cd"}},
    {"A=a b 'c' \"d\"\n", {"A=a b 'c' \"d\""}},
    {"A=\"a\"'b'c\n", {"A=abc"}},
    {"A=a # b\nB=$A\n", {"A=a # b", "B=$A"}},
    {"A=1\r\nB=2\r\n", {"A=1", "B=2"}},
    {"A=\"to the end\n", {"A=to the end\n"}},
    {"# a \\\nA=1\nB=2\n", {"B=2"}},
    {"A=1\nA=2\n", {"A=2"}},
    {"A=\xFF\nB=1\n", {"B=1"}},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(environment)

BOOST_DATA_TEST_CASE(an_environment_file_is_read_as_systemd_reads_it, files, file) {
    BOOST_TEST(parse_environment_file(file.text) == file.variables,
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_strict_environment_file_must_be_utf8) {
    using namespace std::string_literals;
    for (const std::string& text : {"A=\xFF\nB=1\n"s, "A\xFF=1\nB=1\n"s, "1A='\xFF'\nB=1\n"s,
                                    "A=1\0\nB=1\n"s, "#\0\nB=1\n"s, "B=1\n\0"s})
        BOOST_TEST(!parse_strict_environment_file(text).has_value());
    for (const std::string& text :
         {"B=1\n"s, "#\xFF\nB=1\n"s, "nothing\xFF\nB=1\n"s, "A B=2\nB=1\n"s}) {
        const auto found = parse_strict_environment_file(text);
        BOOST_TEST_REQUIRE(found.has_value());
        BOOST_TEST(*found == Environment{"B=1"}, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(a_variable_name_has_letters_digits_and_underscores) {
    for (const char* const text : {"A", "_", "a_1", "LC_ALL"})
        BOOST_TEST(is_variable_name(text), text);
    for (const char* const text : {"", "1A", "A-B", "A.B", "A=", "\xC3\xA4"})
        BOOST_TEST(!is_variable_name(text), text);
    BOOST_TEST(is_variable_assignment("A="));
    BOOST_TEST(is_variable_assignment("A=b=c\n\x01"));
    for (const char* const text : {"", "A", "=A", "1=2", "A=\xFF"})
        BOOST_TEST(!is_variable_assignment(text), text);
}

BOOST_AUTO_TEST_CASE(a_variable_that_is_set_again_keeps_its_place) {
    Environment all = {"A=1", "AB=2"};
    set_variable(all, "A=3");
    set_variable(all, "C=4");
    const Environment expected = {"A=3", "AB=2", "C=4"};
    BOOST_TEST(all == expected, boost::test_tools::per_element());
    BOOST_TEST(get_variable(all, "A").value() == "3");
    BOOST_TEST(!get_variable(all, "B").has_value());
}

BOOST_AUTO_TEST_CASE(merging_variables_equals_setting_each_variable) {
    for (const int count : {3, 16, 17, 200}) {
        Environment one_by_one = {"A7=first", "B=2", "A3=first"}, together = one_by_one, added;
        for (int number = 0; number < count; ++number)
            added.push_back("A" + std::to_string(number * 7 % 50) + '=' + std::to_string(number));
        for (const std::string& assignment : added)
            set_variable(one_by_one, assignment);
        merge_variables(together, added);
        BOOST_TEST(together == one_by_one, boost::test_tools::per_element());
    }
}

// With quadratic time, this test would exceed its time limit.
BOOST_AUTO_TEST_CASE(an_environment_file_may_have_very_many_variables) {
    constexpr std::size_t count = 300'000;
    std::string text;
    for (std::size_t number = 0; number < count; ++number)
        text += "A_VARIABLE_" + std::to_string(number) + "=1\n";
    const Environment all = parse_environment_file(text + "A_VARIABLE_5=2\n");
    BOOST_TEST(all.size() == count);
    BOOST_TEST(all[5] == "A_VARIABLE_5=2");
    BOOST_TEST(all.back() == "A_VARIABLE_299999=1");
}

BOOST_AUTO_TEST_CASE(a_variable_is_unset_by_its_name_or_by_name_and_value) {
    Environment all = {"A=1", "B=2", "C=3"};
    for (const char* const what : {"A", "B=2", "C=4", "D"})
        unset_variable(all, what);
    const Environment expected = {"C=3"};
    BOOST_TEST(all == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::unit
