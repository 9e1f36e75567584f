#include "bridge/diagnosis/job.hpp"

#include <boost/test/unit_test.hpp>

#include "base/util/concat.hpp"
#include "diagnosis_sample.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;

BOOST_AUTO_TEST_SUITE(job)

BOOST_AUTO_TEST_CASE(a_job_is_a_oneshot_or_a_timer_starts_it) {
    const auto judge = [](std::string_view properties, std::string_view options) {
        return is_job(
            symptoms_by({.properties = std::string(properties), .exec_start = run_with(options)})
                .unit);
    };
    BOOST_TEST(judge("Type=oneshot\n", ""));
    BOOST_TEST(judge("Type=oneshot\n", "--ready-when=exit"));
    BOOST_TEST(judge("Type=exec\nTriggeredBy=app.socket app.timer\n", "--ready-when=tcp:[::1]:1"));
    BOOST_TEST(!judge("Type=oneshot\n", "--until=ready"));
    BOOST_TEST(!judge("Type=oneshot\n", "--ready-when=tcp:[::1]:1"));
    BOOST_TEST(!judge("Type=simple\nTriggeredBy=app.socket\n", ""));
    BOOST_TEST(!judge("Type=notify\nTriggeredBy=app.timer\n", ""));
}

BOOST_AUTO_TEST_CASE(the_next_start_is_a_date_on_both_clocks) {
    const system::Moment now{.realtime = 1'000'000'000, .monotonic = 5'000'000};
    const auto next = [&](std::string_view properties) {
        return next_start(read_units(concat("Id=app.timer\n", properties)).front(), now);
    };
    const std::string date = system::to_local_time(1'002'000'000);
    BOOST_TEST(next("NextElapseUSecMonotonic=7s\n") == date);
    BOOST_TEST(next("NextElapseUSecRealtime=0\nNextElapseUSecMonotonic=7000000\n") == date);
    BOOST_TEST(next("NextElapseUSecRealtime=n/a\nNextElapseUSecMonotonic=7s\n") == date);
    BOOST_TEST(next("NextElapseUSecRealtime=1002000000\nNextElapseUSecMonotonic=0\n") == date);
    BOOST_TEST(next(concat("NextElapseUSecRealtime=", date, '\n')) == date);
    for (const char* const never :
         {"", "NextElapseUSecMonotonic=infinity\n", "NextElapseUSecMonotonic=4s\n",
          "NextElapseUSecRealtime=18446744073709551615\nNextElapseUSecMonotonic=0\n"})
        BOOST_TEST(next(never) == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::diagnosis
