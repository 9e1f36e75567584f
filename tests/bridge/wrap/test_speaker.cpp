#include "bridge/wrap/speaker.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <optional>
#include <stdexcept>
#include <thread>

#include "base/util/concat.hpp"
#include "base/util/time_span.hpp"
#include "keeping_sink.hpp"
#include "support/child.hpp"
#include "support/log_records.hpp"
#include "support/run_loop.hpp"
#include "support/still_loop.hpp"
#include "support/temporary_directory.hpp"
#include "whole.hpp"

namespace notifybridge::wrap {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;
using process::ExitStatus;
using util::concat;

/// A speaker whose command is a process that does nothing.
template <typename Loop>
struct SpokenIn {
    test::TemporaryDirectory directory;
    test::LogRecords log{util::Severity::info};
    Loop loop;
    process::Supervisor supervisor{loop, /*adopt_orphans=*/false};
    KeepingSink sink;
    channel::ContainerStatus status;
    ReadyGate gate{sink, status};
    Speaker::Options options;
    Unit unit;
    Whole whole;
    test::Child child;
    process::Command command;
    std::optional<Speaker> speaker;

    SpokenIn() {
        options.readiness.timeout = util::infinity;
        command.environment = process::Environment::inherited();
        loop.spawn([this] { return supervisor.run(); });
    }

    void ready_when(const std::string& probe) {
        options.ready_when.push_back(probe::parse_specification(probe, probe::Purpose::readiness));
    }

    void alive_when(const std::string& probe) {
        options.alive_when = probe::parse_specification(probe, probe::Purpose::liveness);
    }

    void make() {
        speaker.emplace(loop, supervisor, gate, options, status, directory.path(),
                        Speaker::Whole{whole.plan, whole, unit});
    }

    /// Returns the signals by which the command had to end.
    std::vector<int> end_signals() const {
        std::vector<int> signals;
        for (const EndWanted& wanted : whole.all<EndWanted>())
            signals.push_back(wanted.signal);
        return signals;
    }

    void start() {
        make();
        speaker->prepare(command);
        speaker->command_started();
        turn();
    }

    void say(std::string_view text) {
        notify::Datagram datagram{text, {child.pid(), 2, 3}, {}};
        gate.take(datagram, *notify::parse(text), {1, 1});
    }

    /// Runs all handlers that are ready.
    void turn() {
        loop.context().restart();
        while (loop.context().poll_one() != 0) {
        }
    }

    void until(std::function<bool()> condition) {
        test::run(loop, [&] { return test::until(loop, std::move(condition)); });
    }

    void until_taken(std::size_t count) {
        until([this, count] { return sink.taken.size() >= count; });
    }

    /// Waits for processes until `condition` holds. The clocks of a StillLoop do not move.
    void settle_until(const std::function<bool()>& condition) {
        for (int turns = 0; turns < 10'000 && !condition(); ++turns) {
            loop.settle();
            std::this_thread::sleep_for(1ms);
        }
        BOOST_TEST_REQUIRE(condition());
    }

    void check(const Texts& wanted) const {
        BOOST_TEST(sink.taken == wanted, boost::test_tools::per_element());
    }
};

using Spoken = SpokenIn<event::Loop>;
using SpokenStill = SpokenIn<test::StillLoop>;

/// A socket that is bound to a port of its own. Connections are refused until it listens.
class BoundSocket {
public:
    BoundSocket() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const name = reinterpret_cast<sockaddr*>(&address);
        BOOST_TEST_REQUIRE(::bind(socket_.get(), name, size) == 0);
        BOOST_TEST_REQUIRE(::getsockname(socket_.get(), name, &size) == 0);
        port_ = ntohs(address.sin_port);
    }

    system::Fd fd() const { return socket_; }
    std::string probe() const { return concat("tcp:127.0.0.1:", port_); }

private:
    system::UniqueFd socket_;
    std::uint16_t port_ = 0;
};

/// Writes to the command's end of a descriptor.
void write_to(system::Fd fd, std::string_view text) {
    BOOST_TEST_REQUIRE(::write(fd.get(), text.data(), text.size())
                       == static_cast<ssize_t>(text.size()));
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(speaker_of_a_command, Spoken)

BOOST_AUTO_TEST_CASE(without_conditions_ready_1_of_the_command_passes) {
    start();
    say("READY=1");
    check({"READY=1"});
}

BOOST_AUTO_TEST_CASE(with_the_condition_start_a_started_command_is_ready) {
    ready_when("start");
    options.ready_status = "up";
    make();
    speaker->prepare(command);
    check({});
    speaker->command_started();
    turn();
    check({"READY=1\nSTATUS=up"});
}

BOOST_AUTO_TEST_CASE(ready_1_of_the_command_waits_for_other_conditions) {
    ready_when("notify");
    ready_when("systemd:nginx.service");
    start();
    say("READY=1");
    check({});
    say("X_SYSTEMD_UNIT_ACTIVE=nginx.service");
    check({"X_SYSTEMD_UNIT_ACTIVE=nginx.service", "READY=1"});
}

BOOST_AUTO_TEST_CASE(ready_1_of_the_command_passes_as_the_last_condition) {
    ready_when("systemd:nginx.service");
    ready_when("notify");
    start();
    say("X_SYSTEMD_UNIT_ACTIVE=nginx.service");
    say("READY=1\nSTATUS=up");
    check({"X_SYSTEMD_UNIT_ACTIVE=nginx.service", "READY=1\nSTATUS=up"});
    BOOST_TEST(sink.senders.back() == child.pid());
}

BOOST_AUTO_TEST_CASE(another_unit_does_not_meet_a_systemd_condition) {
    ready_when("systemd:nginx.service");
    start();
    say("X_SYSTEMD_UNIT_ACTIVE=other.service");
    check({"X_SYSTEMD_UNIT_ACTIVE=other.service"});
}

BOOST_AUTO_TEST_CASE(queued_messages_are_sent_before_ready_1_of_wrap) {
    ready_when("systemd:a.service");
    ready_when("fd:9");
    make();
    bool is_taken = false;
    whole.on_event = [&](const Event& event) {
        if (std::holds_alternative<MessagesDue>(event) && !std::exchange(is_taken, true))
            say("STATUS=mine");
    };
    speaker->prepare(command);
    const system::UniqueFd command_end(::fcntl(command.placed_fds.at(9).get(), F_DUPFD_CLOEXEC, 3));
    speaker->command_started();
    say("X_SYSTEMD_UNIT_ACTIVE=a.service");
    write_to(command_end, "\n");
    until_taken(3);
    check({"X_SYSTEMD_UNIT_ACTIVE=a.service", "STATUS=mine", "READY=1"});
}

BOOST_AUTO_TEST_CASE(a_matching_line_of_output_makes_the_command_ready) {
    ready_when("log:^listening");
    ready_when("log:warm");
    make();
    speaker->prepare(command);
    BOOST_TEST(speaker->passes_output_on());
    const system::UniqueFd output(::fcntl(command.output.get(), F_DUPFD_CLOEXEC, 3));
    speaker->command_started();
    write_to(output, "listening\n");
    turn();
    check({});
    write_to(output, "warm\n");
    until_taken(1);
    check({"READY=1"});
}

BOOST_AUTO_TEST_CASE(a_command_that_succeeds_meets_the_exit_condition) {
    ready_when("exit");
    start();
    BOOST_TEST((speaker->command_ended(ExitStatus::exited(0)) == ExitStatus::exited(0)));
    check({"READY=1"});
}

BOOST_AUTO_TEST_CASE(a_command_that_fails_does_not_meet_the_exit_condition) {
    ready_when("exit");
    start();
    BOOST_TEST((speaker->command_ended(ExitStatus::exited(3)) == ExitStatus::exited(3)));
    BOOST_TEST_REQUIRE(sink.taken.size() == 1u);
    BOOST_TEST(sink.taken.front().starts_with("STATUS=ended before it was ready"));
}

BOOST_AUTO_TEST_CASE(a_stop_before_readiness_names_ready_when) {
    ready_when("exit");
    whole.ask_to_end();
    start();
    speaker->command_ended(ExitStatus::exited(3));
    BOOST_TEST(log.has("check whether --ready-when is right"));
}

BOOST_AUTO_TEST_CASE(a_stop_before_readiness_names_proxy_if_its_target_decides) {
    ready_when("exit");
    options.targets = options.ready_when;
    whole.ask_to_end();
    start();
    speaker->command_ended(ExitStatus::exited(3));
    BOOST_TEST(log.has("check whether --proxy is right"));
}

BOOST_AUTO_TEST_CASE(a_command_that_never_started_causes_no_message) {
    ready_when("exit");
    make();
    BOOST_TEST((speaker->command_ended(ExitStatus::exited(127)) == ExitStatus::exited(127)));
    check({});
}

BOOST_AUTO_TEST_CASE(the_descriptor_number_of_a_passed_socket_is_refused) {
    ready_when("fd:4");
    command.environment.set("LISTEN_FDS", "2");
    make();
    BOOST_CHECK_EXCEPTION(speaker->prepare(command), std::runtime_error,
                          [](const std::runtime_error& error) {
                              return std::string_view(error.what()).find("use a higher number")
                                     != std::string_view::npos;
                          });
    command.environment.set("LISTEN_FDS", "1");
    make();
    speaker->prepare(command);
    BOOST_TEST(command.placed_fds.count(4) == 1u);
}

BOOST_AUTO_TEST_CASE(an_address_of_a_passed_socket_is_refused) {
    const BoundSocket socket;
    BOOST_TEST_REQUIRE(::listen(socket.fd().get(), 1) == 0);
    const std::vector sockets{socket.fd()};
    make();
    speaker->check_sockets(sockets);
    ready_when(socket.probe());
    BOOST_CHECK_THROW(speaker->check_sockets(sockets), std::runtime_error);
    options.ready_when.clear();
    alive_when(socket.probe());
    BOOST_CHECK_THROW(speaker->check_sockets(sockets), std::runtime_error);
}

/// A command with a target of --proxy that does not listen at first, and a health check that fails
/// until a test lets the target listen.
struct WithTarget : SpokenStill {
    BoundSocket target;

    WithTarget() {
        options.targets = {probe::parse_specification(target.probe(), probe::Purpose::readiness)};
        const std::string runs = directory.path("runs");
        options.health.emplace();
        options.health->command = {
            "/bin/sh", "-c",
            concat("echo >> ", runs, "; wc -l < ", runs, "; test -e ", runs, ".up")};
        ready_when("healthy");
    }

    /// Lets the target listen after an hour, when the next check would run half an hour later.
    /// Waits for READY=1.
    void listen_late() {
        start();
        settle_until([this] { return status.health->output == "1"; });
        loop.pass(1h);
        settle_until([this] { return status.health->output == "2"; });
        directory.write("runs.up", "");
        BOOST_TEST_REQUIRE(::listen(target.fd().get(), 1) == 0);
        loop.pass(1s);
        settle_until([this] {
            return std::ranges::any_of(
                sink.taken, [](const std::string& text) { return text.starts_with("READY=1"); });
        });
        speaker->command_ended({});
    }
};

BOOST_FIXTURE_TEST_CASE(the_health_check_runs_once_the_targets_accept_connections, WithTarget) {
    options.health->interval = 10h;
    listen_late();
    BOOST_TEST(status.health->failing_streak == 0u);
}

BOOST_FIXTURE_TEST_CASE(an_unhealthy_command_is_checked_when_its_target_listens, WithTarget) {
    options.health->interval = 30min;
    options.health->retries = 1;
    listen_late();
    BOOST_TEST(log.has("unhealthy"));
}

BOOST_FIXTURE_TEST_CASE(a_readiness_timeout_ends_the_command, SpokenStill) {
    ready_when("notify");
    options.readiness.timeout = 10s;
    start();
    loop.pass(9s);
    BOOST_TEST(end_signals().empty());
    loop.pass(2s);
    BOOST_TEST(end_signals() == std::vector{SIGTERM}, boost::test_tools::per_element());
    BOOST_TEST(sink.taken.back().starts_with("STATUS=not ready within 10s"));
    BOOST_TEST((speaker->command_ended(ExitStatus::killed(SIGTERM))
                == ExitStatus::exited(process::status_timed_out)));
}

BOOST_FIXTURE_TEST_CASE(a_readiness_timeout_during_a_stop_is_ignored, SpokenStill) {
    ready_when("notify");
    options.readiness.timeout = 10s;
    whole.ask_to_end();
    start();
    loop.pass(20s);
    BOOST_TEST(end_signals().empty());
}

BOOST_AUTO_TEST_CASE(a_hook_gets_the_state_and_no_sockets) {
    ready_when("start");
    options.on_ready = concat("echo \"$NOTIFYBRIDGE_STATE,$NOTIFYBRIDGE_STATUS,$LISTEN_FDS,$A\" > ",
                              directory.path("out"));
    command.environment.set("LISTEN_FDS", "2");
    command.environment.set("A", "b");
    status.state.facts[notify::Key::status] = "warm";
    start();
    test::run(loop, [this] { return speaker->finish(10s); });
    BOOST_TEST(directory.read("out") == "ready,warm,,b\n");
}

BOOST_AUTO_TEST_CASE(the_ready_hook_does_not_run_during_a_stop) {
    options.on_ready = "touch " + directory.path("ready");
    options.on_stopping = "touch " + directory.path("stopping");
    whole.ask_to_end();
    start();
    say("READY=1");
    say("STOPPING=1");
    test::run(loop, [this] { return speaker->finish(10s); });
    BOOST_TEST(directory.names() == Texts{"stopping"}, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_ping_is_sent_while_the_command_is_alive, SpokenStill) {
    alive_when("process");
    unit.period = 30s;
    start();
    check({});
    say("READY=1");
    loop.pass(1s);
    check({"READY=1", "WATCHDOG=1"});
    loop.pass(10s);
    check({"READY=1", "WATCHDOG=1", "WATCHDOG=1"});
    speaker->command_ended({});
    loop.pass(20s);
    BOOST_TEST(sink.taken.size() == 3u);
}

BOOST_FIXTURE_TEST_CASE(pings_are_as_frequent_as_the_app_has_requested, SpokenStill) {
    const auto pings_in = [this](int seconds) {
        sink.taken.clear();
        for (; seconds > 0; --seconds)
            loop.pass(1s);
        return sink.taken.size();
    };
    alive_when("process");
    for (const auto period : {std::optional<std::chrono::microseconds>(30s), {}}) {
        unit.period = period;
        start();
        say("READY=1");
        loop.pass(1s);
        say("WATCHDOG_USEC=6000000");
        loop.settle();
        BOOST_TEST(pings_in(30) == 15u);
        say("WATCHDOG_USEC=90000000");
        loop.pass(2s);
        // The unit's watchdog is the shorter one now.
        BOOST_TEST(pings_in(30) == (period ? 3u : 1u));
        speaker->command_ended({});
    }
}

BOOST_FIXTURE_TEST_CASE(a_tiny_period_of_the_app_does_not_cause_a_flood, SpokenStill) {
    alive_when("process");
    start();
    say("READY=1\nWATCHDOG_USEC=1");
    loop.settle();
    sink.taken.clear();
    for (int millisecond = 0; millisecond < 1000; ++millisecond)
        loop.pass(1ms);
    BOOST_TEST(sink.taken.size() >= 28u);
    BOOST_TEST(sink.taken.size() <= 32u);
    speaker->command_ended({});
}

BOOST_FIXTURE_TEST_CASE(without_a_watchdog_no_ping_is_sent, SpokenStill) {
    alive_when("process");
    options.liveness.interval = 10s;
    start();
    say("READY=1");
    loop.pass(20s);
    check({"READY=1"});
    speaker->pings_in_any_case = true;
    loop.pass(10s);
    check({"READY=1", "WATCHDOG=1"});
    speaker->command_ended({});
}

BOOST_FIXTURE_TEST_CASE(a_ping_follows_each_health_check_if_the_watchdogs_time_is_unknown,
                        SpokenStill) {
    options.health.emplace();
    options.health->command = {"true"};
    options.health->interval = 2s;
    alive_when("healthy");
    start();
    speaker->pings_in_any_case = true;
    settle_until([this] { return status.health->state == channel::HealthState::healthy; });
    say("READY=1");
    loop.pass(5s);
    check({"READY=1", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"});
    speaker->command_ended({});
}

BOOST_FIXTURE_TEST_CASE(no_ping_is_sent_while_there_is_no_room_for_messages, SpokenStill) {
    alive_when("process");
    unit.period = 30s;
    start();
    say("READY=1");
    sink.room = false;
    sink.taken.clear();
    loop.pass(20s);
    check({});
    sink.room = true;
    loop.pass(10s);
    check({"WATCHDOG=1"});
    speaker->command_ended({});
}

BOOST_FIXTURE_TEST_CASE(a_command_that_probes_find_dead_is_killed_on_request, SpokenStill) {
    const BoundSocket closed;
    alive_when(closed.probe());
    options.liveness = {.interval = 10s, .failures = 2};
    options.on_dead = "kill";
    start();
    say("READY=1");
    loop.pass(9s);
    BOOST_TEST(end_signals().empty());
    loop.pass(2s);
    BOOST_TEST(end_signals() == std::vector{SIGKILL}, boost::test_tools::per_element());
    BOOST_TEST(sink.taken.back().starts_with("STATUS="));
    speaker->command_ended({});
}

BOOST_FIXTURE_TEST_CASE(a_stopping_command_need_not_answer_checks, SpokenStill) {
    const BoundSocket closed;
    alive_when(closed.probe());
    options.liveness = {.interval = 10s, .failures = 2};
    options.on_dead = "kill";
    start();
    say("READY=1");
    loop.settle();
    say("STOPPING=1");
    loop.pass(100s);
    BOOST_TEST(end_signals().empty());
    speaker->command_ended({});
}

BOOST_AUTO_TEST_CASE(only_some_options_depend_on_the_working_directory) {
    const auto with = [](auto change) {
        Speaker::Options made;
        change(made);
        return made.use_directory();
    };
    BOOST_TEST(!with([](auto&) {}));
    BOOST_TEST(!with([](auto& made) {
        made.ready_when.push_back(
            probe::parse_specification("tcp:127.0.0.1:1", probe::Purpose::readiness));
    }));
    BOOST_TEST(with([](auto& made) {
        made.ready_when.push_back(probe::parse_specification("file:a", probe::Purpose::readiness));
    }));
    BOOST_TEST(with([](auto& made) {
        made.alive_when = probe::parse_specification("exec:a", probe::Purpose::liveness);
    }));
    BOOST_TEST(with([](auto& made) { made.on_dead = "kill"; }));
}

BOOST_AUTO_TEST_CASE(ready_1_of_the_command_counts_if_it_is_a_condition) {
    BOOST_TEST(options.counts_own_ready());
    ready_when("start");
    BOOST_TEST(!options.counts_own_ready());
    ready_when("notify");
    BOOST_TEST(options.counts_own_ready());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wrap
