#include "init/files/unit/escape.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>

#include "init/files/unit/path.hpp"

namespace notifybridge::unit {
namespace {

struct Pair {
    const char* text;
    const char* escaped;  ///< Null if the text cannot be escaped or unescaped.

    friend std::ostream& operator<<(std::ostream& out, const Pair& pair) {
        return out << '"' << pair.text << '"';
    }
};

// The results of `systemd-escape`.
const Pair texts[] = {
    {"", ""},
    {"/", "-"},
    {"a/b", "a-b"},
    {"//a//b", "--a--b"},
    {"a b", "a\\x20b"},
    {"-a", "\\x2da"},
    {".a", "\\x2ea"},
    {"a.b", "a.b"},
    {"a\\b", "a\\x5cb"},
    {"a@b", "a\\x40b"},
    {"\xC3\xBC", "\\xc3\\xbc"},
};

// The results of `systemd-escape --path`.
const Pair paths[] = {
    {"", "-"},        {"/", "-"},   {"a", "a"},        {"/a/b/", "a-b"},    {"//a//b", "a-b"},
    {"a/./b", "a-b"}, {"./a", "a"}, {"/.a", "\\x2ea"}, {"a/../b", nullptr},
};

// The results of `systemd-escape --unescape --path`.
const Pair unescaped_paths[] = {
    {"-", "/"},         {"a-b", "/a/b"},   {"-a", nullptr}, {"a-", nullptr},   {"a--b", nullptr},
    {"a-.-b", nullptr}, {"a-..", nullptr}, {".a", "/.a"},   {"a\\x20", "/a "}, {"\\x2d", "/-"},
    {"a\\x2", nullptr}, {"a\\y", nullptr}, {"", nullptr},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(escape)

BOOST_DATA_TEST_CASE(a_text_is_escaped_as_by_systemd_escape, texts, pair) {
    BOOST_TEST(escape_name(pair.text) == pair.escaped);
    BOOST_TEST(unescape_name(pair.escaped).value() == pair.text);
}

BOOST_DATA_TEST_CASE(a_path_is_escaped_without_its_outer_slashes, paths, pair) {
    const auto escaped = escape_path(pair.text);
    BOOST_TEST(escaped.has_value() == (pair.escaped != nullptr));
    if (escaped)
        BOOST_TEST(*escaped == pair.escaped);
}

BOOST_DATA_TEST_CASE(an_unescaped_path_is_absolute, unescaped_paths, pair) {
    const auto path = unescape_path(pair.text);
    BOOST_TEST(path.has_value() == (pair.escaped != nullptr));
    if (path)
        BOOST_TEST(*path == pair.escaped);
}

BOOST_AUTO_TEST_CASE(a_text_with_an_invalid_escape_cannot_be_unescaped) {
    for (const char* const text : {"\\", "\\x", "\\x2", "\\xzz", "\\y41", "\\x00"})
        BOOST_TEST(!unescape_name(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(a_path_is_simplified_but_keeps_its_double_dots) {
    BOOST_TEST(simplify_path("/a//./b/") == "/a/b");
    BOOST_TEST(simplify_path("/a/../b") == "/a/../b");
    BOOST_TEST(simplify_path("//") == "/");
    BOOST_TEST(simplify_path("./a") == "a");
    BOOST_TEST(simplify_path("") == "");
    BOOST_TEST(is_normalized("/a/b"));
    BOOST_TEST(!is_normalized("/a/../b"));
    BOOST_TEST(!is_normalized("/a/b/.."));
    BOOST_TEST(!is_normalized("/a//b"));
    BOOST_TEST(directory_name("/a/b") == "/a");
    BOOST_TEST(directory_name("/a") == "/");
    BOOST_TEST(file_name("/a/b") == "b");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::unit
