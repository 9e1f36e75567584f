#include "bridge/probe/line_splitter.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

namespace notifybridge::probe {
namespace {

struct Split {
    LineSplitter splitter;
    std::vector<std::string> lines;

    Split() {
        splitter.on_line = [this](std::string_view line) { lines.emplace_back(line); };
    }

    void check(const std::vector<std::string>& wanted) const {
        BOOST_TEST(lines == wanted, boost::test_tools::per_element());
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(line_splitter, Split)

BOOST_AUTO_TEST_CASE(lines_are_complete_even_if_the_input_arrives_in_pieces) {
    const std::string text = "one\n\ntwo\r\nthree";
    for (const char byte : text)
        splitter.feed({&byte, 1});
    check({"one", "", "two\r"});
    splitter.end();
    check({"one", "", "two\r", "three"});
    splitter.feed(text);
    check({"one", "", "two\r", "three", "one", "", "two\r"});
}

BOOST_AUTO_TEST_CASE(a_long_line_is_reported_after_64_kib) {
    const std::string long_part(LineSplitter::longest_line - 1, 'x');
    splitter.feed(long_part);
    BOOST_TEST(lines.empty());
    splitter.feed("yz");
    check({long_part + "y"});
    // The splitter skips the rest of the line, even a very long one.
    for (int part = 0; part < 1000; ++part)
        splitter.feed(long_part);
    splitter.feed("z\nnext\n");
    check({long_part + "y", "next"});
}

BOOST_AUTO_TEST_CASE(a_line_of_exactly_64_kib_is_reported_once) {
    const std::string line(LineSplitter::longest_line, 'x');
    splitter.feed(line + "\nnext\n");
    check({line, "next"});
    splitter.feed(line);
    splitter.end();
    splitter.feed("more\n");
    check({line, "next", line, "more"});
}

BOOST_AUTO_TEST_CASE(a_line_may_contain_any_byte_except_a_newline) {
    splitter.feed(std::string_view("\0\xFF\0\n", 4));
    check({std::string("\0\xFF\0", 3)});
}

BOOST_AUTO_TEST_CASE(an_end_of_file_without_text_is_not_a_line) {
    splitter.end();
    splitter.feed("one\n");
    splitter.end();
    check({"one"});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::probe
