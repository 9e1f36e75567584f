#include "bridge/probe/health_check.hpp"

#include <boost/test/unit_test.hpp>
#include <ostream>

#include "bridge/probe/server.hpp"
#include "support/descriptors.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::probe {
namespace {

using channel::HealthState;
using Change = HealthPlan::Change;
using namespace std::chrono_literals;

/// A health check that keeps its results.
struct Checking {
    test::TemporaryDirectory directory;
    event::Loop loop;
    process::Supervisor supervisor{loop, true};
    process::Environment environment = process::Environment::inherited();
    HealthSettings settings;
    std::optional<HealthCheck> health{};
    std::vector<channel::Health> results;
    std::vector<Change> changes;

    Checking() {
        loop.spawn([this] { return supervisor.run(); });
        settings.interval = 10ms;
        settings.retries = 1;
    }

    void start(const std::string& line) {
        settings.command = {"/bin/sh", "-c", line};
        health.emplace(loop, supervisor, settings);
        health->on_result = [this](Change change) {
            results.push_back(health->health());
            if (change != Change::none)
                changes.push_back(change);
        };
        health->start(environment);
    }

    void until_results(std::size_t count) {
        test::run(loop, [&] {
            return test::until(loop, [this, count] { return results.size() >= count; });
        });
    }

    channel::Health first(const std::string& line) {
        start(line);
        until_results(1);
        health->stop();
        return results.front();
    }

    void until_gone(const std::string& name) {
        const pid_t pid = std::stoi(directory.read(name));
        test::run(loop, [&] { return test::until(loop, [pid] { return ::kill(pid, 0) < 0; }); });
    }
};

/// A command that writes 100 MB.
const std::string much_output = "head -c 100000000 /dev/zero | tr '\\0' x";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(health_check, Checking)

BOOST_AUTO_TEST_CASE(the_first_success_is_reported_at_once) {
    settings.interval = 1h;
    const auto found = first("echo fine");
    BOOST_TEST((found.state == HealthState::healthy));
    BOOST_TEST((found.exit_status == 0));
    BOOST_TEST(found.output == "fine");
}

BOOST_AUTO_TEST_CASE(the_first_line_of_output_or_errors_is_kept) {
    BOOST_TEST(first("echo; echo '  '; echo first >&2; echo second; exit 3").output == "first");
    BOOST_TEST((results.front().exit_status == 3));
}

BOOST_AUTO_TEST_CASE(a_line_of_output_without_a_newline_is_kept) {
    BOOST_TEST(first("printf 'no newline'").output == "no newline");
}

BOOST_AUTO_TEST_CASE(a_check_without_output_reports_its_exit_status) {
    BOOST_TEST(first("exit 3").output == "exited with status 3");
}

BOOST_AUTO_TEST_CASE(a_check_that_a_signal_ends_has_failed) {
    const auto found = first("kill -SEGV $$");
    BOOST_TEST((found.exit_status == 128 + SIGSEGV));
    BOOST_TEST(found.output == "was killed by SIGSEGV");
}

BOOST_AUTO_TEST_CASE(the_progress_table_of_curl_is_ignored) {
    const std::string meter =
        "  %% Total    %% Received %% Xferd  Average Speed   Time    Time     Time  Current\\n"
        "                                 Dload  Upload   Total   Spent    Left  Speed\\n"
        "\\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0\\n";
    const auto found =
        first("printf '" + meter + "' >&2; echo 'curl: (7) Failed to connect' >&2; exit 7");
    BOOST_TEST(found.output == "curl: (7) Failed to connect");
}

BOOST_AUTO_TEST_CASE(a_lot_of_output_is_read_and_dropped) {
    const auto found = first("echo start; " + much_output);
    BOOST_TEST((found.state == HealthState::healthy));
    BOOST_TEST(found.output == "start");
}

BOOST_AUTO_TEST_CASE(a_long_line_of_output_is_cut) {
    BOOST_TEST(first(much_output).output == std::string(200, 'x'));
}

BOOST_AUTO_TEST_CASE(a_timeout_kills_the_process_group_of_a_check) {
    settings.timeout = 100ms;
    const auto found = first("trap '' TERM; echo slow; sleep 1000 & echo $! > "
                             + directory.path("stays") + "; wait");
    BOOST_TEST(!found.exit_status);
    BOOST_TEST((found.output == "did not end within 100ms: slow"
                || found.output == "did not end within 100ms"));
    if (!directory.read("stays").empty())
        until_gone("stays");
}

BOOST_AUTO_TEST_CASE(leftover_processes_of_a_check_are_killed) {
    BOOST_TEST((first("sleep 1000 & echo $! > " + directory.path("stays")).exit_status == 0));
    until_gone("stays");
}

BOOST_AUTO_TEST_CASE(a_daemon_that_keeps_the_output_open_delays_no_check) {
    const auto found = first("setsid sleep 1000 & echo $! > " + directory.path("stays"));
    BOOST_TEST((found.exit_status == 0));
    ::kill(std::stoi(directory.read("stays")), SIGKILL);
}

BOOST_AUTO_TEST_CASE(a_check_whose_program_is_missing_has_failed) {
    settings.command = {"/no/such/shell", "-c", "true"};
    health.emplace(loop, supervisor, settings);
    health->on_result = [this](Change) { results.push_back(health->health()); };
    health->start(environment);
    until_results(3);
    health->stop();
    BOOST_TEST((results.back().state == HealthState::unhealthy));
    BOOST_TEST(!results.back().exit_status);
    BOOST_TEST(results.back().output.find("/no/such/shell") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_check_fails_only_while_descriptors_are_missing) {
    {
        const test::DescriptorsUsedUp none;
        start("true");
        until_results(1);
        BOOST_TEST(!results.front().exit_status);
        BOOST_TEST(!results.front().output.empty());
    }
    const std::size_t failed = results.size();
    until_results(failed + 1);
    BOOST_TEST((results.back().exit_status == 0));
    health->stop();
}

BOOST_AUTO_TEST_CASE(the_health_state_follows_the_results_of_the_checks) {
    start("test -e " + directory.path("up"));
    until_results(3);
    directory.write("up", "");
    test::run(loop, [&] { return test::until(loop, [this] { return changes.size() == 2; }); });
    std::filesystem::remove(directory.path("up"));
    test::run(loop, [&] { return test::until(loop, [this] { return changes.size() == 3; }); });
    BOOST_TEST((changes == std::vector{Change::unhealthy, Change::healthy, Change::unhealthy}));
    health->stop();
}

BOOST_AUTO_TEST_CASE(stop_kills_a_running_health_check) {
    start("echo $$ > " + directory.path("pid") + "; exec sleep 1000");
    test::run(loop,
              [&] { return test::until(loop, [this] { return !directory.read("pid").empty(); }); });
    health->stop();
    until_gone("pid");
    BOOST_TEST(results.empty());
}

BOOST_AUTO_TEST_CASE(a_failure_does_not_count_while_the_program_is_stopping) {
    bool is_excused = false;
    start("exit 1");
    health->excused = [&] { return is_excused; };
    until_results(1);
    is_excused = true;
    const std::size_t before = results.size();
    test::run(loop, [&]() -> event::Awaitable<> {
        event::Timer pause(loop);
        co_await pause.sleep(50ms);
    });
    BOOST_TEST(results.size() == before);
    is_excused = false;
    until_results(before + 1);
    health->stop();
}

BOOST_AUTO_TEST_CASE(health_checks_leave_no_descriptors_behind) {
    start("true");
    until_results(2);
    const std::size_t before = test::open_descriptors();
    until_results(results.size() + 20);
    BOOST_TEST(test::open_descriptors() <= before + 1);
    health->stop();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::probe
