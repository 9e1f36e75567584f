#include "init/files/unit/log_level.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::unit {
namespace {

BOOST_AUTO_TEST_SUITE(log_levels)

BOOST_AUTO_TEST_CASE(a_log_level_has_a_name_or_a_number) {
    BOOST_TEST((our_log_level("warning") == "warning"));
    BOOST_TEST((our_log_level("4") == "warning"));
    BOOST_TEST((our_log_level("debug") == "debug"));
    BOOST_TEST((our_log_level("7") == "debug"));
}

BOOST_AUTO_TEST_CASE(all_log_levels_from_err_to_emerg_are_errors) {
    for (const char* const level : {"emerg", "0", "alert", "1", "crit", "2", "err", "3"})
        BOOST_TEST((our_log_level(level) == "error"), level);
}

BOOST_AUTO_TEST_CASE(unknown_words_are_not_log_levels) {
    for (const char* const word : {"", "error", "8", "-1", "04", "Warning"})
        BOOST_TEST(!our_log_level(word), word);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::unit
