#include "base/util/severity_name.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::util {

BOOST_AUTO_TEST_SUITE(severity_name)

BOOST_AUTO_TEST_CASE(each_severity_has_a_name_and_a_digit) {
    struct Row {
        Severity severity;
        const char* name;
        char digit;
    };
    const Row rows[] = {
        {Severity::error, "error", '3'},   {Severity::warning, "warning", '4'},
        {Severity::notice, "notice", '5'}, {Severity::info, "info", '6'},
        {Severity::debug, "debug", '7'},
    };
    for (const Row& row : rows) {
        BOOST_TEST(name_of(row.severity) == row.name);
        BOOST_TEST((severity_named(row.name) == row.severity), row.name);
        BOOST_TEST(priority_of(row.severity) == row.digit);
        BOOST_TEST((severity_of_priority(row.digit) == row.severity), row.name);
    }
}

BOOST_AUTO_TEST_CASE(unknown_words_are_not_severities) {
    for (const char* const word : {"", "err", "Error", "errors", "3"})
        BOOST_TEST(!severity_named(word), word);
}

BOOST_AUTO_TEST_CASE(unknown_priority_digits_count_as_errors) {
    for (const char digit : {'0', '1', '2', '8', 'x', '\0'})
        BOOST_TEST((severity_of_priority(digit) == Severity::error));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::util
