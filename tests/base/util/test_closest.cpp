#include "base/util/closest.hpp"

#include <array>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>

namespace notifybridge::util {
namespace {

constexpr std::array<std::string_view, 5> candidates = {"wrap", "wait", "send", "status",
                                                        "shared-dir"};

struct Typo {
    const char* word;
    const char* meant;

    friend std::ostream& operator<<(std::ostream& out, const Typo& typo) {
        return out << '"' << typo.word << '"';
    }
};

const Typo typos[] = {
    {"wrap", "wrap"},             // not a typo
    {"wrp", "wrap"},              // a letter left out
    {"wraap", "wrap"},            // an additional letter
    {"wrao", "wrap"},             // a replaced letter
    {"sned", "send"},             // two letters swapped
    {"shard_dir", "shared-dir"},  // two typos in a long word
    {"statsu", "status"},
    {"frobnicate", ""},
    {"", ""},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(closest_word)

BOOST_DATA_TEST_CASE(a_typo_finds_the_intended_word, typos, typo) {
    BOOST_TEST(closest(typo.word, candidates) == typo.meant);
}

BOOST_AUTO_TEST_CASE(without_candidates_no_closest_word_is_found) {
    BOOST_TEST(closest("wrap", {}) == "");
}

BOOST_AUTO_TEST_CASE(a_very_long_word_is_not_a_typo) {
    BOOST_TEST(closest(std::string(1'000'000, 'w'), candidates) == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::util
