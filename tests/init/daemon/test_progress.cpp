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

BOOST_AUTO_TEST_CASE(readiness_is_not_reported_before_the_boot_begins) {
    Progress progress;
    BOOST_TEST(progress.is_booting());
    BOOST_TEST(advances(progress, idle, Step::none));
    BOOST_TEST(progress.begin_to_boot());
    BOOST_TEST(!progress.begin_to_boot());
    BOOST_TEST(advances(progress, idle, Step::report_ready));
}

BOOST_AUTO_TEST_CASE(an_early_shutdown_prevents_the_boot) {
    Progress progress;
    BOOST_TEST(progress.begin_end());
    BOOST_TEST(!progress.begin_to_boot());
    BOOST_TEST(advances(progress, idle, Step::finish));
}

BOOST_AUTO_TEST_CASE(readiness_is_reported_when_no_job_is_left) {
    Progress progress = booting();
    BOOST_TEST(progress.is_booting());
    BOOST_TEST(advances(progress, busy, Step::none));
    BOOST_TEST(!progress.is_ready());
    BOOST_TEST(advances(progress, idle, Step::report_ready));
    BOOST_TEST(progress.is_ready());
    BOOST_TEST(!progress.is_booting());
    BOOST_TEST(advances(progress, idle, Step::none));
}

BOOST_AUTO_TEST_CASE(a_shutdown_waits_for_jobs) {
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

BOOST_AUTO_TEST_CASE(a_forced_shutdown_does_not_wait_for_jobs) {
    Progress progress = running();
    BOOST_TEST(progress.force_end(7));
    BOOST_TEST(advances(progress, busy, Step::finish));
    BOOST_TEST((progress.forced_status() == 7));
}

BOOST_AUTO_TEST_CASE(the_exit_status_of_the_first_forced_shutdown_counts) {
    Progress progress = running();
    BOOST_TEST(progress.begin_end());
    BOOST_TEST(progress.force_end(7));
    BOOST_TEST(!progress.force_end(8));
    BOOST_TEST((progress.forced_status() == 7));
}

BOOST_AUTO_TEST_CASE(a_shutdown_that_is_over_cannot_be_forced) {
    Progress progress = running();
    progress.begin_end();
    progress.advance(idle);
    BOOST_TEST(!progress.force_end(7));
    BOOST_TEST(!progress.forced_status());
}

BOOST_AUTO_TEST_CASE(a_shutdown_during_the_boot_reports_no_readiness) {
    Progress progress = booting();
    BOOST_TEST(progress.begin_end());
    BOOST_TEST(!progress.is_booting());
    BOOST_TEST(advances(progress, idle, Step::finish));
}

BOOST_AUTO_TEST_CASE(the_system_is_not_ready_once_a_stop_has_begun) {
    Progress progress = running();
    BOOST_TEST(progress.begin_to_stop());
    BOOST_TEST(!progress.begin_to_stop());
    BOOST_TEST(progress.is_stopping());
    BOOST_TEST(!progress.is_ready());
    BOOST_TEST(!progress.is_over());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::daemon
