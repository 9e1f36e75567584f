#include "base/util/wrap_lines.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::util {

BOOST_AUTO_TEST_SUITE(wrapping_lines)

BOOST_AUTO_TEST_CASE(a_line_that_fits_is_not_changed) {
    BOOST_TEST(wrap_lines("", 10, 2) == "");
    BOOST_TEST(wrap_lines("\n\n", 10, 2) == "\n\n");
    BOOST_TEST(wrap_lines("one two  3\n  four", 10, 2) == "one two  3\n  four");
}

BOOST_AUTO_TEST_CASE(a_long_line_breaks_at_the_last_fitting_space) {
    BOOST_TEST(wrap_lines("one two three\nfour", 10, 2) == "one two\n  three\nfour");
    BOOST_TEST(wrap_lines("one two three four", 7, 0) == "one two\nthree\nfour");
    BOOST_TEST(wrap_lines("0123456789 next", 10, 0) == "0123456789\nnext");
}

BOOST_AUTO_TEST_CASE(a_line_never_breaks_before_the_indent) {
    BOOST_TEST(wrap_lines("  -a       one two", 14, 11) == "  -a       one\n           two");
    BOOST_TEST(wrap_lines("           onetwothree four", 14, 11)
               == "           onetwothree\n           four");
}

BOOST_AUTO_TEST_CASE(a_long_word_is_not_broken) {
    BOOST_TEST(wrap_lines("a longerthanallthat b", 6, 0) == "a\nlongerthanallthat\nb");
    BOOST_TEST(wrap_lines("one two", 0, 4) == "one two");
    BOOST_TEST(wrap_lines("one two", 1, 0) == "one\ntwo");
}

BOOST_AUTO_TEST_CASE(the_width_of_a_line_is_counted_in_characters) {
    BOOST_TEST(wrap_lines("äöü ßäö", 7, 0) == "äöü ßäö");
    BOOST_TEST(wrap_lines("äöü ßäöü", 7, 0) == "äöü\nßäöü");
}

BOOST_AUTO_TEST_CASE(colours_do_not_count_for_the_width_of_a_line) {
    BOOST_TEST(wrap_lines("\x1b[1;32mready\x1b[0m now", 9, 0) == "\x1b[1;32mready\x1b[0m now");
    BOOST_TEST(wrap_lines("\x1b[1;32mready\x1b[0m now", 8, 0) == "\x1b[1;32mready\x1b[0m\nnow");
    BOOST_TEST(wrap_lines("a \x1b[1", 2, 0) == "a \x1b[1", "one without its end");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::util
