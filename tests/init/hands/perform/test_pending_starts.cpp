#include "init/hands/perform/pending_starts.hpp"

#include <errno.h>
#include <unistd.h>

#include "host_world.hpp"
#include "init/hands/execute/start_report.hpp"

namespace notifybridge::perform {
namespace {

/// A process that the host follows. The test writes the report of this process.
struct PendingWorld : test::World {
    explicit PendingWorld(const std::string& program = "/no/such")
        : unit(add("a.service", "[Service]\nExecStart=" + program + "\n")) {
        const unit_types::ProcessRequest request{
            .unit = unit,
            .command = unit.settings().service.exec_start->front(),
            .environment = {}};
        host.starts.follow(pid, request, std::move(report.reading));
    }

    /// Reads the report, like the manager at the end of a process. The log record is written a
    /// little later.
    void read_report() {
        report.writing.reset();
        host.starts.read_report(pid);
    }

    test::Listed& unit;
    system::Pipe report = system::make_pipe();
    const pid_t pid = ::getpid();
    const std::string executed = util::concat(pid, " executed");
};

}  // namespace

BOOST_AUTO_TEST_SUITE(pending_starts)

BOOST_FIXTURE_TEST_CASE(a_process_that_executed_its_program_is_reported, PendingWorld) {
    execute::report_execution(report.writing);
    report.writing.reset();
    until([&] { return !unit.told.empty(); });
    BOOST_TEST(unit.told.front() == executed);
}

BOOST_FIXTURE_TEST_CASE(the_report_of_a_process_is_read_to_its_end, PendingWorld) {
    execute::report_execution(report.writing);
    host.starts.read_report(pid);
    BOOST_TEST(unit.told.empty());
    read_report();
    BOOST_TEST(unit.told.front() == executed);
}

BOOST_FIXTURE_TEST_CASE(the_report_of_a_process_is_delivered_once, PendingWorld) {
    execute::report_execution(report.writing);
    read_report();
    host.starts.read_report(pid);
    BOOST_TEST(unit.told.size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(the_failed_start_of_a_process_is_logged, PendingWorld) {
    execute::report_failure(report.writing, {execute::Step::exec, ENOENT}, false);
    read_report();
    until([&] { return !log.empty(); });
    BOOST_TEST(has_logged("a.service: Failed at step EXEC spawning /no/such: No such file"), log);
    BOOST_TEST(unit.told.empty());
}

BOOST_FIXTURE_TEST_CASE(the_ignored_failure_of_a_process_is_logged_as_skipped, PendingWorld) {
    execute::report_failure(report.writing, {execute::Step::exec, ENOENT}, true);
    read_report();
    until([&] { return !log.empty(); });
    BOOST_TEST(has_logged("Executable /no/such missing, skipping: No such file"), log);
}

BOOST_FIXTURE_TEST_CASE(the_refused_start_of_a_process_is_logged_and_reported, PendingWorld) {
    execute::report_refusal(report.writing, "open \"/env\": No such file");
    read_report();
    BOOST_TEST(unit.told.front() == util::concat(pid, " refused"));
    until([&] { return !log.empty(); });
    BOOST_TEST(has_logged("cannot run /no/such: open \"/env\": No such file."), log);
}

BOOST_FIXTURE_TEST_CASE(an_empty_report_of_a_process_is_not_delivered, PendingWorld) {
    read_report();
    BOOST_TEST(unit.told.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::perform
