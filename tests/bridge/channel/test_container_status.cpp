#include "bridge/channel/container_status.hpp"

#include <signal.h>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>

#include "bridge/channel/print.hpp"

namespace notifybridge::channel {
namespace {

ContainerStatus some_status() {
    ContainerStatus status;
    status.run = system::make_random_id();
    status.pid = 1;
    status.command_pid = 7;
    status.condition = "listen:80 succeeds (--ready-when)";
    status.command = "redis-server";
    status.started_usec = 1'700'000'000'000'000;
    status.messages = 12;
    status.unheard_barriers = 2;
    status.pauses = 3;
    status.end = process::ExitStatus::exited(3);
    status.state.phase = notify::Phase::stopping;
    status.state.since = {1'700'000'000'000'001, 5};
    status.state.last_watchdog = {1'700'000'000'000'002, 6};
    status.state.facts[notify::Key::status] = "Ready to accept connections";
    status.state.facts[notify::Key::errno_] = "2";
    status.drops.set(notify::DropReason::too_long, 4);
    status.health = Health{HealthState::unhealthy, 3, 137, "connection refused\n\x01"};
    status.connections = Connections{3, 1, 1500, 20, 2};
    return status;
}

const char* const no_ends[] = {
    "",          "EXITED",   "EXITED=",   "EXITED=x",   "EXITED=256", "EXITED=-1",    "exited=1",
    "EXITED=1 ", "KILLED=0", "KILLED=65", "KILLED=255", "KILLED=-9",  "EXITED=1\nX=", "STOPPED=19",
};

}  // namespace

BOOST_AUTO_TEST_SUITE(container_status)

BOOST_AUTO_TEST_CASE(a_container_status_round_trips) {
    const ContainerStatus status = some_status();
    BOOST_TEST(parse_container_status(to_text(status)) == status);
}

BOOST_AUTO_TEST_CASE(an_empty_container_status_round_trips) {
    BOOST_TEST(parse_container_status(to_text(ContainerStatus{})) == ContainerStatus{});
}

BOOST_AUTO_TEST_CASE(each_health_state_of_a_container_round_trips) {
    for (const HealthState state :
         {HealthState::starting, HealthState::healthy, HealthState::unhealthy}) {
        ContainerStatus status;
        status.health = Health{state, 0, std::nullopt, ""};
        BOOST_TEST(parse_container_status(to_text(status)) == status);
    }
}

BOOST_AUTO_TEST_CASE(an_unknown_health_state_is_ignored) {
    const auto parsed = parse_container_status(
        "HEALTH=fine\nHEALTH_FAILING_STREAK=-1\nHEALTH_EXIT_STATUS=256\nHEALTH_NEW=1\n");
    BOOST_TEST((parsed.health == Health()));
}

BOOST_AUTO_TEST_CASE(an_invalid_count_of_connections_is_read_as_zero) {
    const auto parsed =
        parse_container_status("CONNECTIONS_OPEN=-1\nCONNECTIONS_LIMIT=2\nCONNECTIONS_X=3\n");
    BOOST_TEST((parsed.connections == Connections{.limit = 2}));
    BOOST_TEST(!parse_container_status("CONNECTIONS=1\n").connections);
}

BOOST_AUTO_TEST_CASE(each_fact_of_container_status_is_a_line_for_scripts) {
    ContainerStatus status = some_status();
    status.end.reset();
    status.state.phase = notify::Phase::ready;
    const std::string text = "\n" + to_text(status);
    for (const char* const line :
         {"\nSTATE=ready\n", "\nREADY=1\n", "\nSTATUS=Ready to accept connections\n", "\nPID=1\n",
          "\nCOMMAND_PID=7\n", "\nCOMMAND=redis-server\n",
          "\nREADY_WHEN=listen:80 succeeds (--ready-when)\n", "\nDROPPED_TOO_LONG=4\n",
          "\nHEALTH=unhealthy\n", "\nHEALTH_FAILING_STREAK=3\n", "\nHEALTH_EXIT_STATUS=137\n",
          "\nCONNECTIONS_OPEN=3\n", "\nCONNECTIONS_WAITING=1\n", "\nCONNECTIONS_LIMIT=1500\n",
          "\nCONNECTIONS_ACCEPTED=20\n", "\nCONNECTIONS_REFUSED=2\n"})
        BOOST_TEST(text.find(line) != std::string::npos, line << " is not in" << text);
}

BOOST_AUTO_TEST_CASE(an_ended_run_is_not_shown_as_ready) {
    ContainerStatus status = some_status();
    status.end = process::ExitStatus::exited(3);
    status.state.phase = notify::Phase::ready;
    const std::string text = "\n" + to_text(status);
    for (const char* const line : {"\nSTATE=ended\n", "\nLAST_STATE=ready\n", "\nEXITED=3\n"})
        BOOST_TEST(text.find(line) != std::string::npos, line << " is not in" << text);
    BOOST_TEST(text.find("\nSTATE=ready") == std::string::npos);
    BOOST_TEST(parse_container_status(text) == status);
}

BOOST_AUTO_TEST_CASE(a_status_text_is_one_escaped_line) {
    ContainerStatus status = some_status();
    const std::string hostile = "x\nSTATE=ready\r\nREADY=1\x1B[2J\xC2\x9B\\n";
    status.state.facts[notify::Key::status] = hostile;
    const std::string text = to_text(status);
    BOOST_TEST(text.find("\nREADY=1") == std::string::npos);
    BOOST_TEST(text.find_first_of("\r\x1B") == std::string::npos);
    BOOST_TEST(text.find("\xC2\x9B") == std::string::npos);
    BOOST_TEST(parse_container_status(text) == status);
}

BOOST_AUTO_TEST_CASE(the_command_in_container_status_may_have_any_name) {
    ContainerStatus status = some_status();
    status.command = "a\nREADY=1\xFF";
    BOOST_TEST(parse_container_status(to_text(status)) == status);
}

BOOST_AUTO_TEST_CASE(invalid_lines_of_container_status_leave_the_defaults) {
    const auto status = parse_container_status("PID=x\nSTATE=dead\nRUN_ID=1\nEXITED=x\nfoo\n=\n");
    BOOST_TEST(status == ContainerStatus{});
}

BOOST_AUTO_TEST_CASE(the_end_of_a_run_is_a_status_or_a_signal) {
    using process::ExitStatus;
    BOOST_TEST(end_text(ExitStatus::exited(3)) == "EXITED=3");
    BOOST_TEST(end_text(ExitStatus::killed(SIGKILL)) == "KILLED=9");
    for (const ExitStatus end : {ExitStatus::exited(0), ExitStatus::exited(255),
                                 ExitStatus::killed(SIGHUP), ExitStatus::killed(SIGRTMAX)})
        BOOST_TEST(parse_end(end_text(end)).value() == end);
}

BOOST_DATA_TEST_CASE(an_invalid_text_is_not_the_end_of_a_run, no_ends, text) {
    BOOST_TEST(!parse_end(text).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::channel
