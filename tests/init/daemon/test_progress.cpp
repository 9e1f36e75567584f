#include "init/daemon/progress.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::daemon {
namespace {

using Step = Progress::Step;

constexpr bool idle = true;
constexpr bool busy = false;

/// Returns whether `progress.advance` returns `step`. BOOST_TEST cannot print steps.
bool advances(Progress& progress, bool is_idle, Step step) {
    return progress.advance(is_idle) == step;
}

Progress booting() {
    Progress progress;
    progress.begin_to_boot();
    return progress;
}

Progress running() {
    Progress progress = booting();
    progress.advance(idle);
    return progress;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(progress)

BOOST_AUTO_TEST_CASE(the_boot_begins_only_when_it_is_prepared) {
    Progress progress;
    BOOST_TEST(progress.is_booting());
    BOOST_TEST(advances(progress, idle, Step::none));
    BOOST_TEST(progress.begin_to_boot());
    BOOST_TEST(!progress.begin_to_boot());
    BOOST_TEST(advances(progress, idle, Step::report_ready));
}

BOOST_AUTO_TEST_CASE(an_early_end_prevents_the_boot) {
    Progress progress;
    BOOST_TEST(progress.begin_end());
    BOOST_TEST(!progress.begin_to_boot());
    BOOST_TEST(advances(progress, idle, Step::finish));
}

BOOST_AUTO_TEST_CASE(readiness_is_reported_once_no_job_is_left) {
    Progress progress = booting();
    BOOST_TEST(progress.is_booting());
    BOOST_TEST(advances(progress, busy, Step::none));
    BOOST_TEST(!progress.is_ready());
    BOOST_TEST(advances(progress, idle, Step::report_ready));
    BOOST_TEST(progress.is_ready());
    BOOST_TEST(!progress.is_booting());
    BOOST_TEST(advances(progress, idle, Step::none));
}

BOOST_AUTO_TEST_CASE(an_end_waits_for_jobs) {
    Progress progress = running();
    BOOST_TEST(progress.begin_end());
    BOOST_TEST(!progress.begin_end());
    BOOST_TEST(advances(progress, busy, Step::none));
    BOOST_TEST(!progress.is_over());
    BOOST_TEST(advances(progress, idle, Step::finish));
    BOOST_TEST(progress.is_over());
    BOOST_TEST(!progress.begin_end());
    BOOST_TEST(advances(progress, idle, Step::none));
}

BOOST_AUTO_TEST_CASE(a_forced_end_does_not_wait_for_jobs) {
    Progress progress = running();
    BOOST_TEST(progress.force_end(7));
    BOOST_TEST(advances(progress, busy, Step::finish));
    BOOST_TEST((progress.forced_status() == 7));
}

BOOST_AUTO_TEST_CASE(the_first_forced_end_counts) {
    Progress progress = running();
    BOOST_TEST(progress.begin_end());
    BOOST_TEST(progress.force_end(7));
    BOOST_TEST(!progress.force_end(8));
    BOOST_TEST((progress.forced_status() == 7));
}

BOOST_AUTO_TEST_CASE(no_forced_end_begins_after_the_end) {
    Progress progress = running();
    progress.begin_end();
    progress.advance(idle);
    BOOST_TEST(!progress.force_end(7));
    BOOST_TEST(!progress.forced_status());
}

BOOST_AUTO_TEST_CASE(an_end_during_boot_reports_no_readiness) {
    Progress progress = booting();
    BOOST_TEST(progress.begin_end());
    BOOST_TEST(!progress.is_booting());
    BOOST_TEST(advances(progress, idle, Step::finish));
}

BOOST_AUTO_TEST_CASE(the_first_stop_ends_readiness) {
    Progress progress = running();
    BOOST_TEST(progress.begin_to_stop());
    BOOST_TEST(!progress.begin_to_stop());
    BOOST_TEST(progress.is_stopping());
    BOOST_TEST(!progress.is_ready());
    BOOST_TEST(!progress.is_over());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::daemon
