#include "bridge/runtime/json_text.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string_view>
#include <vector>

namespace notifybridge::runtime::test_json_text {
namespace {

struct Whole {
    std::string_view text;
    std::vector<std::string_view> parts;

    friend std::ostream& operator<<(std::ostream& out, const Whole& whole) {
        return out << whole.text;
    }
};

const Whole wholes[] = {
    {"[]", {}},
    {" { \n} ", {}},
    {"[1]", {"1"}},
    {"\t[ 1.0e5 ,\"a\", null ]\n", {"1.0e5", "\"a\"", "null"}},
    {R"([[1,2],{"a":[3,4]},[]])", {"[1,2]", R"({"a":[3,4]})", "[]"}},
    {R"({"a" : 1,"b":{"c":[]}})", {R"("a")", "1", R"("b")", R"({"c":[]})"}},
    {R"(["]","a,b",":","\"],","\\"])", {R"("]")", R"("a,b")", R"(":")", R"("\"],")", R"("\\")"}},
    {R"([""])", {R"("")"}},
    // These texts have no parts.
    {"1", {}},
    {R"("[1,2]")", {}},
    {"", {}},
};

struct Member {
    std::string_view text;
    std::string_view value;

    friend std::ostream& operator<<(std::ostream& out, const Member& member) {
        return out << member.text;
    }
};

const Member members[] = {
    {R"({"b":1,"a": [2, 3] ,"c":4})", "[2, 3]"},
    {R"({"b":"a","c":{"a":1}})", ""},
    {R"({"a":1,"a":2})", "2"},
    {R"({"\u0061":1})", "1"},
    {"{\"\xff\":0,\"a\":1}", "1"},
    {"{}", ""},
    {"", ""},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(json_text)

BOOST_DATA_TEST_CASE(a_json_text_is_split_into_its_parts, wholes, whole) {
    BOOST_TEST(parts_of(whole.text) == whole.parts, boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(a_member_of_a_json_object_is_found_by_its_name, members, member) {
    BOOST_TEST(member_of(member.text, "a") == member.value);
}

BOOST_AUTO_TEST_CASE(edits_replace_the_named_parts_of_a_json_text) {
    const std::string_view text = "0123456789";
    BOOST_TEST(edited(text, {}) == text);
    BOOST_TEST(edited(text, {{text.substr(7, 1), "bcd"},
                             {text.substr(0, 2), ""},
                             {text.substr(4, 0), "a"},
                             {text.substr(9), "e"}})
               == "23a456bcd8e");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime::test_json_text
