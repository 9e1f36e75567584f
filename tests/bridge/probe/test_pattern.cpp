#include "bridge/probe/pattern.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::probe {

BOOST_AUTO_TEST_SUITE(pattern)

BOOST_AUTO_TEST_CASE(a_pattern_matches_anywhere_in_a_text) {
    const Pattern pattern("[Rr]eady (on|at) :\\d+$");
    BOOST_TEST(pattern.found_in("2026 ready on :5001"));
    BOOST_TEST(!pattern.found_in("ready on :port"));
    BOOST_TEST(!pattern.found_in(""));
}

BOOST_AUTO_TEST_CASE(a_pattern_matches_in_any_bytes) {
    const Pattern pattern("up");
    BOOST_TEST(pattern.found_in(std::string_view("\0\xFF\x80 up\0", 7)));
    BOOST_TEST(Pattern("\xC3\xA4").found_in("w\xC3\xA4"));
}

BOOST_AUTO_TEST_CASE(an_invalid_pattern_is_refused_with_a_reason) {
    for (const char* const bad : {"(", "[", "a**", "\\", "a{2,1}", "(?<"}) {
        try {
            const Pattern pattern(bad);
            BOOST_ERROR("is taken: " << bad);
        } catch (const PatternError& error) {
            BOOST_TEST(std::string(error.what()).size() > 10u);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_too_complex_match_of_a_pattern_is_not_found) {
    BOOST_TEST(!Pattern("(a+)+$").found_in(std::string(64 * 1024, 'a') + "b"));
    BOOST_TEST(!Pattern("(a|aa)*c").found_in(std::string(64 * 1024, 'a')));
}

BOOST_AUTO_TEST_CASE(matching_a_long_text_does_not_need_more_stack) {
    BOOST_TEST(Pattern("^(x|y)*z").found_in(std::string(8 * 1024, 'x') + "z"));
    BOOST_TEST(Pattern("^[xy]*z").found_in(std::string(60 * 1024, 'x') + "z"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::probe
