#include "init/rules/manager/merge.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::manager {
namespace {

using enum JobType;

const std::vector<JobType> mergeable = {start, verify_active, stop, reload, restart};
const std::vector<ActiveState> states = {ActiveState::inactive,     ActiveState::activating,
                                         ActiveState::active,       ActiveState::reloading,
                                         ActiveState::deactivating, ActiveState::failed};

std::string text(std::optional<JobType> type) {
    return type ? std::string(to_string(*type)) : "none";
}

std::optional<JobType> merge_three(JobType one, JobType other, JobType third, ActiveState state) {
    const auto two = merge_and_collapse(one, other, state);
    return two ? merge_and_collapse(*two, third, state) : std::nullopt;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(merge_of_jobs)

BOOST_AUTO_TEST_CASE(a_stop_job_merges_only_with_another_stop_job) {
    for (const JobType type : mergeable)
        BOOST_TEST(text(merge(stop, type)) == (type == stop ? "stop" : "none"));
}

BOOST_AUTO_TEST_CASE(a_restart_job_absorbs_all_jobs_except_a_stop_job) {
    for (const JobType type : {start, verify_active, reload, restart})
        BOOST_TEST(text(merge(type, restart)) == "restart");
}

BOOST_AUTO_TEST_CASE(a_reload_merged_with_a_start_becomes_reload_or_start) {
    BOOST_TEST(text(merge_and_collapse(start, reload, ActiveState::active)) == "reload");
    BOOST_TEST(text(merge_and_collapse(start, reload, ActiveState::inactive)) == "start");
}

BOOST_AUTO_TEST_CASE(a_verify_active_job_is_absorbed_by_a_start_or_reload) {
    BOOST_TEST(text(merge(start, verify_active)) == "start");
    BOOST_TEST(text(merge(reload, verify_active)) == "reload");
}

BOOST_AUTO_TEST_CASE(a_nop_job_merges_with_every_job) {
    for (const JobType type : {JobType::start, JobType::verify_active, JobType::stop,
                               JobType::reload, JobType::restart, JobType::nop}) {
        BOOST_TEST((merge(JobType::nop, type) == type));
        BOOST_TEST((merge(type, JobType::nop) == type));
    }
}

BOOST_AUTO_TEST_CASE(merging_two_jobs_ignores_their_order) {
    for (const JobType one : mergeable)
        for (const JobType other : mergeable)
            BOOST_TEST(text(merge(one, other)) == text(merge(other, one)));
}

BOOST_AUTO_TEST_CASE(merging_three_jobs_ignores_their_order) {
    for (const ActiveState state : states)
        for (const JobType one : mergeable)
            for (const JobType other : mergeable)
                for (const JobType third : mergeable)
                    BOOST_TEST(text(merge_three(one, other, third, state))
                               == text(merge_three(third, other, one, state)));
}

BOOST_AUTO_TEST_CASE(try_restart_and_try_reload_are_nop_unless_the_unit_is_active) {
    BOOST_TEST(text(collapse(try_restart, ActiveState::active)) == "restart");
    BOOST_TEST(text(collapse(try_restart, ActiveState::activating)) == "restart");
    BOOST_TEST(text(collapse(try_restart, ActiveState::deactivating)) == "nop");
    BOOST_TEST(text(collapse(try_reload, ActiveState::activating)) == "nop");
    BOOST_TEST(text(collapse(reload_or_start, ActiveState::activating)) == "start");
    BOOST_TEST(text(collapse(try_reload, ActiveState::reloading)) == "reload");
    BOOST_TEST(text(collapse(try_reload, ActiveState::failed)) == "nop");
}

BOOST_AUTO_TEST_CASE(a_job_is_redundant_if_its_unit_is_already_in_the_state) {
    BOOST_TEST(is_redundant(start, ActiveState::reloading));
    BOOST_TEST(!is_redundant(start, ActiveState::activating));
    BOOST_TEST(is_redundant(stop, ActiveState::failed));
    BOOST_TEST(!is_redundant(stop, ActiveState::deactivating));
    BOOST_TEST(!is_redundant(restart, ActiveState::activating));
    BOOST_TEST(!is_redundant(restart, ActiveState::active));
    BOOST_TEST(!is_redundant(reload, ActiveState::active));
    BOOST_TEST(is_redundant(nop, ActiveState::active));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::manager
