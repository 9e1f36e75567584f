#include "base/util/escape.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>

using namespace std::string_literals;

namespace notifybridge::util {
namespace {

struct Escaped {
    std::string text;
    std::string escaped;

    friend std::ostream& operator<<(std::ostream& out, const Escaped& row) {
        return out << row.escaped;
    }
};

const Escaped escaped_texts[] = {
    {"", ""},
    {"plain text, \"quotes\" and $signs", "plain text, \"quotes\" and $signs"},
    {"Grüße, 世界 \xF0\x9F\x90\xA7", "Grüße, 世界 \xF0\x9F\x90\xA7"},
    {"a\nb\rc\td", R"(a\nb\rc\td)"},
    {R"(C:\n)", R"(C:\\n)"},
    {"\0"s, R"(\x00)"},
    {"\x1B[31mred", R"(\x1b[31mred)"},
    {"\x7F", R"(\x7f)"},
    {"\xC2\x9B"
     "31m",
     R"(\xc2\x9b31m)"},  // CSI as a C1 control
    {"\xC2\x80", R"(\xc2\x80)"},
    {"\xC2\x9F", R"(\xc2\x9f)"},
    {"\xC2\xA0", "\xC2\xA0"},             // not a control character
    {"\xC2\xAD", R"(\xc2\xad)"},          // soft hyphen
    {"\xD8\x9C", R"(\xd8\x9c)"},          // Arabic letter mark
    {"\xE2\x80\x8A", "\xE2\x80\x8A"},     // a hair space
    {"\xE2\x80\x8B", R"(\xe2\x80\x8b)"},  // zero width space
    {"\xE2\x80\xA7", "\xE2\x80\xA7"},
    {"\xE2\x80\xA8", R"(\xe2\x80\xa8)"},  // line separator
    {"a\xE2\x80\xAE"
     "b",
     R"(a\xe2\x80\xaeb)"},  // right-to-left override
    {"\xE2\x80\xAF", "\xE2\x80\xAF"},
    {"\xE2\x81\xA6", R"(\xe2\x81\xa6)"},  // left-to-right isolate
    {"\xE2\x81\xB0", "\xE2\x81\xB0"},
    {"\xEF\xBB\xBF", R"(\xef\xbb\xbf)"},          // byte order mark
    {"\xEF\xB8\x8F", "\xEF\xB8\x8F"},             // a variation selector, for emojis
    {"\xF3\xA0\x81\x81", R"(\xf3\xa0\x81\x81)"},  // a tag letter
    {"\xF0\x9F\x90\xA7", "\xF0\x9F\x90\xA7"},
    {"\xFF\xFE", R"(\xff\xfe)"},
    {"\xC3", R"(\xc3)"},
    {"\xC0\xAF", R"(\xc0\xaf)"},          // an overlong form
    {"\xED\xA0\x80", R"(\xed\xa0\x80)"},  // a surrogate
};

const char* const never_written[] = {
    R"(\)", R"(a\)", R"(\a)", R"(\x)", R"(\x4)", R"(\xg0)", R"(\x-1)", R"(\0)",
};

}  // namespace

BOOST_AUTO_TEST_SUITE(escaping)

BOOST_DATA_TEST_CASE(unsafe_characters_are_escaped, escaped_texts, row) {
    BOOST_TEST(escape(row.text) == row.escaped);
}

BOOST_DATA_TEST_CASE(unescape_reverses_escape, escaped_texts, row) {
    const auto text = unescape(row.escaped);
    BOOST_REQUIRE(text.has_value());
    BOOST_TEST(*text == row.text);
}

BOOST_AUTO_TEST_CASE(every_pair_of_bytes_survives_escaping) {
    for (int first = 0; first < 256; ++first)
        for (int second = 0; second < 256; ++second) {
            const std::string text = {static_cast<char>(first), static_cast<char>(second)};
            const std::string line = escape(text);
            BOOST_TEST_REQUIRE(line.find_first_of("\n\r\t\x1B\0"s) == line.npos);
            BOOST_TEST_REQUIRE(unescape(line).value_or("nothing") == text);
        }
}

BOOST_AUTO_TEST_CASE(escape_unseen_keeps_backslashes_and_tabs) {
    BOOST_TEST(escape_unseen("a\\b\tc\x1B\n\xE2\x80\xAE\xFF")
               == R"(a\b)"
                  "\t"
                  R"(c\x1b\n\xe2\x80\xae\xff)");
}

BOOST_DATA_TEST_CASE(unescape_refuses_escapes_that_escape_never_writes, never_written, text) {
    BOOST_TEST(!unescape(text).has_value());
}

BOOST_AUTO_TEST_CASE(quotes_in_a_quoted_text_are_escaped) {
    BOOST_TEST(quote("a \"b\"\n") == R"("a \"b\"\n")");
}

BOOST_AUTO_TEST_CASE(a_quoted_text_is_cut_after_256_bytes) {
    const std::string most(256, 'x');
    BOOST_TEST(quote(most) == "\"" + most + "\"");
    BOOST_TEST(quote(most + "y") == "\"" + most + "\"...");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::util
