#include "init/files/directive/property_text.hpp"

#include <signal.h>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>

namespace notifybridge::directive {
namespace {

using util::TimeSpan;
using Words = std::vector<std::string>;

struct Span {
    std::int64_t usec;
    const char* text;
};

std::ostream& operator<<(std::ostream& out, const Span& span) {
    return out << span.text;
}

const Span spans[] = {
    {0, "0"},
    {1, "1us"},
    {999, "999us"},
    {1'000, "1ms"},
    {1'500, "1.500ms"},
    {100'000, "100ms"},
    {100'001, "100.001ms"},
    {1'000'000, "1s"},
    {1'500'000, "1.500000s"},
    {59'999'999, "59.999999s"},
    {60'000'000, "1min"},
    {90'000'000, "1min 30s"},
    {61'500'000, "1min 1.500000s"},
    {3'780'000'005, "1h 3min 5us"},
    {86'400'000'000, "1d"},
    {8LL * 86'400'000'000, "1w 1d"},
    {2'629'800'000'000, "1month"},
    {2 * 31'557'600'000'000, "2y"},
};

struct Quoted {
    Words words;
    const char* text;
};

std::ostream& operator<<(std::ostream& out, const Quoted& quoted) {
    return out << quoted.text;
}

const Quoted lists[] = {
    {{}, ""},
    {{"a", "b-c"}, "a b-c"},
    {{"A=b c"}, "\"A=b c\""},
    {{"D=e\"f"}, "\"D=e\\\"f\""},
    {{"G=$h", "x`y", "a\\b"}, "\"G=\\$h\" \"x\\`y\" \"a\\\\b\""},
    {{"man:foo(1)", "it's"}, "\"man:foo(1)\" \"it's\""},
    {{"X=ä"}, "X=ä"},
    {{"T=a\tb", "c\nd", "e\x01"}, "\"T=a\\tb\" \"c\\nd\" \"e\\001\""},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(property_text)

BOOST_DATA_TEST_CASE(a_time_span_is_formatted_as_by_systemctl, spans) {
    BOOST_TEST(to_property(TimeSpan(sample.usec)) == sample.text);
}

BOOST_AUTO_TEST_CASE(a_limit_that_is_not_set_is_shown_as_infinity) {
    BOOST_TEST(to_property(util::infinity) == "infinity");
}

BOOST_DATA_TEST_CASE(words_are_quoted_if_a_shell_needs_quotes, lists) {
    BOOST_TEST(to_property(sample.words) == sample.text);
}

BOOST_AUTO_TEST_CASE(a_timestamp_is_shown_with_its_weekday_and_zone) {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    BOOST_TEST(to_timestamp(0) == "");
    BOOST_TEST(to_timestamp(1'795'196'418'999'999) == "Fri 2026-11-20 17:40:18 UTC");
}

BOOST_AUTO_TEST_CASE(a_command_that_never_ran_is_shown_without_times) {
    const unit::Command command{"/bin/a", {"/bin/a", "b c"}, true};
    BOOST_TEST(to_property(command)
               == "{ path=/bin/a ; argv[]=/bin/a b c ; ignore_errors=yes ; start_time=[n/a] ; "
                  "stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }");
}

BOOST_AUTO_TEST_CASE(a_command_that_has_ended_is_shown_with_its_end) {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    const unit::Command command{"/bin/a", {"/bin/a"}};
    const CommandRun exited{1'795'196'418'000'000, 1'795'196'419'000'000, 7, CLD_EXITED, 3};
    const CommandRun killed{1'795'196'418'000'000, 1'795'196'419'000'000, 7, CLD_KILLED, SIGTERM};
    const std::string times =
        "start_time=[Fri 2026-11-20 17:40:18 UTC] ; stop_time=[Fri 2026-11-20 17:40:19 UTC]";
    BOOST_TEST(to_property(command, exited)
               == "{ path=/bin/a ; argv[]=/bin/a ; ignore_errors=no ; " + times
                      + " ; pid=7 ; code=exited ; status=3 }");
    BOOST_TEST(to_property(command, killed)
               == "{ path=/bin/a ; argv[]=/bin/a ; ignore_errors=no ; " + times
                      + " ; pid=7 ; code=killed ; status=15/TERM }");
}

BOOST_AUTO_TEST_CASE(command_prefixes_are_shown_by_their_names) {
    unit::Command command{"/bin/a", {"/bin/a"}, true, false, unit::Privileges::full};
    BOOST_TEST(
        to_extended_property(command).find(" ; flags=ignore-failure privileged no-env-expand ; ")
        != std::string::npos);
    command.privileges = unit::Privileges::no_user_change;
    BOOST_TEST(to_extended_property(command).find("no-setuid") != std::string::npos);
    command.privileges = unit::Privileges::ambient_or_none;
    BOOST_TEST(to_extended_property(command).find("ambient") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::directive
