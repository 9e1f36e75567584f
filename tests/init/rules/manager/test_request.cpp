#include "init/rules/manager/request.hpp"

#include <boost/test/unit_test.hpp>

#include "world.hpp"

namespace notifybridge::manager {

using namespace test;
using unit::JobMode;

namespace {

/// Returns the error of `try_job` for a start. Returns an empty text if there is no error.
std::string tried(World& world, std::string_view name, JobMode mode = JobMode::replace) {
    const auto refusal = world.engine.try_job(JobType::start, world.unit(name), mode);
    return refusal ? refusal->error : "";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(request)

BOOST_AUTO_TEST_CASE(try_job_creates_no_job) {
    World world;
    world.add("a.service", "Requires=b.service").add("b.service");
    BOOST_TEST(tried(world, "a.service") == "");
    BOOST_TEST(world.engine.jobs().empty());
    world.engine.run_due();
    BOOST_TEST(world.state("a.service") == "inactive");
    BOOST_TEST(world.calls.empty());
}

BOOST_AUTO_TEST_CASE(try_job_also_tries_jobs_of_dependencies) {
    World world;
    world.add("a.service", "Requires=b.service").add("b.service", "Requires=c.service");
    BOOST_TEST(tried(world, "a.service") == "NoSuchUnit");
    world.add("d.service", "Requires=e.service\nAfter=e.service");
    world.add("e.service", "Requires=d.service\nAfter=d.service");
    BOOST_TEST(tried(world, "d.service") == "TransactionOrderIsCyclic");
}

BOOST_AUTO_TEST_CASE(try_job_obeys_the_job_mode) {
    World world;
    world.add("a.service");
    BOOST_TEST(tried(world, "a.service", JobMode::isolate) == "NoIsolation");
    BOOST_TEST(tried(world, "a.service", JobMode::triggering) == "InvalidArgs");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::manager
