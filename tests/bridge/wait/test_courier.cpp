#include "bridge/wait/courier.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>

#include "base/system/pidfd.hpp"
#include "base/util/concat.hpp"
#include "bridge/bridge.hpp"
#include "bridge/channel/state_text.hpp"
#include "support/log_records.hpp"
#include "support/privileges.hpp"
#include "support/run_loop.hpp"

namespace notifybridge::wait {
namespace {

/// A `wait` with its own loop.
struct Wait {
    event::Loop loop;
    relay::Uplink uplink;
    Courier courier;
    int caught_up = 0;
    RunPhase phase_when_caught_up = RunPhase::none;

    Wait(const test::TemporaryDirectory& directory, const std::string& manager,
         Courier::Options options, relay::Policy policy = relay::Policy())
        : uplink(loop, bridge::address_of(manager)),
          courier(loop, directory.fd(), std::move(options), std::move(policy), uplink) {
        courier.on_event = [this](const Event& event) {
            if (!std::holds_alternative<CaughtUp>(event))
                return;
            ++caught_up;
            phase_when_caught_up = courier.phase();
        };
        courier.announce();
        loop.spawn([this] { return courier.run(); });
    }

    /// Runs the loop until `condition` holds. May be called repeatedly.
    void until(std::function<bool()> condition) {
        test::run(loop, [&] { return test::until(loop, std::move(condition)); });
    }
};

struct Shared {
    test::TemporaryDirectory directory;
    std::string path = directory.path("manager.sock");
    test::Manager manager{path};
    std::optional<bridge::Run> run;
    bridge::Texts sent;
    bool releases_barriers = true;
    std::vector<system::UniqueFd> held_barriers;
    std::uint64_t rate = 0;
    std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();

    /// Sends as many messages as the burst allows, and then ends the command. The run continues.
    std::unique_ptr<Wait> outlive_command_after_burst() {
        auto wait = attach();
        start_run();
        const std::size_t burst = rate * 10;
        for (std::size_t number = 0; number < burst; ++number)
            run->say("X_BURST=1");
        until_sent(*wait, burst);
        wait->courier.command_gone();
        wait->until([&] { return wait->caught_up == 1; });
        sent.clear();
        return wait;
    }

    /// Makes the run send messages that can be merged if they have to wait.
    void say_mergeable() {
        for (int number = 0; number < 1000; ++number)
            run->say("STATUS=" + std::to_string(number));
    }

    /// Checks that the messages after the burst did not exceed the rate limit. A few delayed
    /// messages may be added.
    void check_rate() const {
        constexpr std::size_t most_held = 10;
        const std::chrono::duration<double> time = std::chrono::steady_clock::now() - began;
        const auto most = static_cast<std::size_t>(time.count() * static_cast<double>(rate));
        BOOST_TEST(sent.size() <= most + most_held);
    }

    std::unique_ptr<Wait> attach(const std::string& invocation = "one", bool adopts_older = false) {
        Courier::Options options;
        options.unit.invocation = invocation;
        options.adopts_older = adopts_older;
        options.rate = rate;
        return std::make_unique<Wait>(directory, path, std::move(options));
    }

    void start_run() { run.emplace(directory.fd()); }

    /// Takes all messages that the manager has received so far, except barriers.
    std::size_t receive() {
        while (auto received = manager.next())
            if (received->text != "BARRIER=1")
                sent.push_back(received->text);
            else if (!releases_barriers)
                held_barriers.push_back(std::move(received->fds.at(0)));
        return sent.size();
    }

    void until_sent(Wait& wait, std::size_t count) {
        wait.until([&] { return receive() >= count; });
    }

    void check_sent(const bridge::Texts& wanted) {
        receive();
        BOOST_TEST(sent == wanted, boost::test_tools::per_element());
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(courier_of_a_run, Shared)

BOOST_AUTO_TEST_CASE(messages_of_a_run_are_sent_in_order_and_acknowledged) {
    const auto wait = attach();
    start_run();
    run->say("STATUS=1");
    run->say("STATUS=2\nREADY=1");
    until_sent(*wait, 2);
    run->say("STATUS=3");
    until_sent(*wait, 3);
    check_sent({"STATUS=1", "STATUS=2\nREADY=1", "STATUS=3"});
    wait->until([&] { return bridge::host_in(directory).progress.acknowledged == 3; });
    BOOST_TEST((bridge::host_in(directory).facts.run == run->writer.header().run));
}

BOOST_AUTO_TEST_CASE(the_latency_is_published_if_both_sides_share_a_clock) {
    const auto wait = attach();
    start_run();
    const auto latency = [&](std::uint64_t sequence) {
        wait->until([&] { return bridge::host_in(directory).progress.acknowledged == sequence; });
        return bridge::host_in(directory).progress.latency_usec;
    };
    run->say("STATUS=of another clock");
    BOOST_TEST(latency(1) == 0u);
    channel::Record record;
    record.time = system::now();
    record.payload = "STATUS=of this one";
    run->writer.append(record);
    run->writer.flush();
    BOOST_TEST(latency(2) > 0u);
}

BOOST_AUTO_TEST_CASE(the_policy_filters_messages_of_a_run) {
    const auto wait = attach();
    start_run();
    run->say("STATUS=x\rMAINPID=1");
    run->say("MA\\INPID=1");
    run->say("BARRIER=1");
    run->say("STATUS=\\");
    run->say("READY=1");
    until_sent(*wait, 2);
    check_sent({"STATUS=x", "READY=1"});
}

BOOST_AUTO_TEST_CASE(a_main_process_is_translated_on_request) {
    Courier::Options options;
    options.translates_main_pid = true;
    relay::Policy policy;
    policy.allow("MAINPID");
    Wait wait(directory, path, std::move(options), std::move(policy));
    start_run();
    run->say(util::concat("STATUS=ours\nMAINPID=", ::getpid()));
    run->say("STATUS=of somebody else\nMAINPID=1");
    until_sent(wait, 2);
    receive();
    BOOST_TEST(sent[0].find(util::concat("MAINPID=", ::getpid())) != std::string::npos);
    BOOST_TEST(sent[1] == "STATUS=of somebody else");
}

BOOST_AUTO_TEST_CASE(the_sender_is_a_main_process_only_if_main_pid_was_sent,
                     *boost::unit_test::precondition(test::is_root)) {
    Courier::Options options;
    options.translates_main_pid = true;
    relay::Policy policy;
    policy.allow("MAINPID");
    Wait wait(directory, path, std::move(options), std::move(policy));
    start_run();
    const pid_t child = ::fork();
    while (child == 0)
        ::pause();
    const std::string main_pid = util::concat("\nMAINPID=", child);
    const std::string filling(notify::longest_datagram - 7 - main_pid.size(), 'x');
    // If the kernel has pidfd ids, the id makes the message too long.
    const bool has_id = system::pidfd_id(*system::open_pidfd(child)).has_value();
    run->say("STATUS=" + filling + main_pid);
    run->say("STATUS=next");
    wait.until([&] { return bridge::host_in(directory).progress.acknowledged == 2; });
    const auto named = manager.next();
    const auto next = manager.next();
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    BOOST_TEST_REQUIRE((named && next));
    BOOST_TEST((named->text.find("MAINPID") == std::string::npos) == has_id);
    BOOST_TEST((next->sender.pid == ::getpid()) == has_id);
    BOOST_TEST(wait.courier.forwarder().drops().count(notify::DropReason::untranslated_pid)
               == (has_id ? 1u : 0u));
}

BOOST_AUTO_TEST_CASE(the_same_invocation_resumes_after_acknowledged_records) {
    auto wait = attach();
    start_run();
    run->say("STATUS=1");
    run->say("STATUS=2");
    wait->until([&] { return bridge::host_in(directory).progress.acknowledged == 2; });
    wait.reset();
    run->say("STATUS=3");
    wait = attach();
    until_sent(*wait, 3);
    run->say("STATUS=4");
    until_sent(*wait, 4);
    check_sent({"STATUS=1", "STATUS=2", "STATUS=3", "STATUS=4"});
}

BOOST_AUTO_TEST_CASE(the_same_invocation_finishes_a_run_that_ended) {
    auto wait = attach();
    start_run();
    run->say("READY=1");
    wait->until([&] { return bridge::host_in(directory).progress.acknowledged == 1; });
    wait.reset();
    run->say("STOPPING=1");
    run->end("EXITED=3");
    run.reset();
    wait = attach();
    wait->until([&] { return wait->courier.phase() == RunPhase::ended; });
    check_sent({"READY=1", "STOPPING=1"});
    BOOST_TEST((wait->courier.end() == process::ExitStatus::exited(3)));
}

BOOST_AUTO_TEST_CASE(another_invocation_gets_the_state_in_one_datagram) {
    start_run();
    run->say("STATUS=starting");
    run->say("READY=1");
    run->say("WATCHDOG=1");
    run->say("X_EVENT=1");
    run->say("STATUS=up");
    const auto wait = attach("two", true);
    until_sent(*wait, 1);
    run->say("STATUS=next");
    until_sent(*wait, 2);
    check_sent({"READY=1\nSTATUS=up", "STATUS=next"});
}

BOOST_AUTO_TEST_CASE(another_invocation_gets_the_state_after_a_rotation) {
    start_run();
    run->say("READY=1");
    run->writer.acknowledge(1);
    notify::State state;
    notify::fold(state, *notify::parse("READY=1\nSTATUS=up"), {1, 1});
    run->rotate(channel::to_text(state));
    run->say("ERRNO=2");
    const auto wait = attach("two", true);
    until_sent(*wait, 1);
    check_sent({"READY=1\nERRNO=2\nSTATUS=up"});
}

BOOST_AUTO_TEST_CASE(an_older_run_is_followed_only_after_adopt_older) {
    start_run();
    run->say("READY=1");
    const auto wait = attach();
    wait->courier.command_gone();
    wait->until([&] { return wait->caught_up == 1; });
    BOOST_TEST((wait->courier.phase() == RunPhase::none));
    check_sent({});
    wait->courier.adopt_older();
    wait->courier.command_gone();
    until_sent(*wait, 1);
    check_sent({"READY=1"});
}

BOOST_AUTO_TEST_CASE(a_run_that_ended_before_its_command_is_over_when_all_was_read) {
    for (const bool is_rotated : {false, true}) {
        const auto wait = attach();
        start_run();
        run->say("READY=1");
        wait->until([&] { return wait->courier.phase() == RunPhase::live && receive() > 0; });
        // Both ends are noticed only now.
        if (is_rotated)
            run->rotate("STATE=ready\nREADY=1\n");
        run->end("EXITED=3");
        run.reset();
        wait->courier.command_gone();
        wait->until([&] { return wait->caught_up == 1; });
        BOOST_TEST((wait->phase_when_caught_up == RunPhase::ended));
        BOOST_TEST(wait->courier.end()->code == 3);
        sent.clear();
    }
}

BOOST_AUTO_TEST_CASE(an_ended_run_is_ignored_by_another_invocation) {
    start_run();
    run->say("READY=1");
    run->end("EXITED=0");
    run.reset();
    const auto wait = attach("two", true);
    wait->courier.command_gone();
    wait->until([&] { return wait->caught_up == 1; });
    BOOST_TEST((wait->courier.phase() == RunPhase::none));
    check_sent({});
}

BOOST_AUTO_TEST_CASE(a_broken_off_run_is_ignored_by_another_invocation) {
    start_run();
    run->say("READY=1");
    run.reset();
    const auto wait = attach("two", true);
    start_run();
    run->say("STATUS=of the next");
    until_sent(*wait, 1);
    check_sent({"STATUS=of the next"});
}

BOOST_AUTO_TEST_CASE(an_older_run_is_read_only_after_its_beat_changes) {
    channel::JournalHeader header;
    header.run = system::make_random_id();
    header.beats = true;
    channel::JournalWriter writer(directory.fd(), header);
    channel::Record record;
    record.payload = "READY=1";
    writer.append(record);
    writer.flush();
    const auto wait = attach("two", true);
    int looks = 0;
    wait->until([&] { return ++looks > 200; });
    check_sent({});
    wait->until([&] {
        writer.beat();
        return receive() > 0;
    });
    check_sent({"READY=1"});
}

BOOST_AUTO_TEST_CASE(the_end_of_a_run_is_reported_with_its_status) {
    const auto wait = attach();
    start_run();
    run->say("READY=1");
    until_sent(*wait, 1);
    run->end("KILLED=15");
    run.reset();
    wait->until([&] { return wait->courier.phase() == RunPhase::ended; });
    check_sent({"READY=1"});
    BOOST_TEST((wait->courier.end() == process::ExitStatus::killed(15)));
}

BOOST_AUTO_TEST_CASE(messages_of_a_run_that_ended_unseen_are_still_sent) {
    const auto wait = attach();
    start_run();
    run->say("READY=1");
    run->end("EXITED=3");
    run.reset();
    wait->until([&] { return wait->courier.phase() == RunPhase::ended; });
    check_sent({"READY=1"});
    BOOST_TEST((wait->courier.end() == process::ExitStatus::exited(3)));
}

BOOST_AUTO_TEST_CASE(all_records_of_a_run_that_breaks_off_are_sent) {
    const auto wait = attach();
    start_run();
    run->say("READY=1");
    until_sent(*wait, 1);
    run->say("STATUS=last words");
    run.reset();
    wait->until([&] { return wait->courier.phase() == RunPhase::ended; });
    check_sent({"READY=1", "STATUS=last words"});
    BOOST_TEST(!wait->courier.end().has_value());
}

BOOST_AUTO_TEST_CASE(the_next_run_is_followed_from_its_first_record) {
    const auto wait = attach();
    start_run();
    run->say("STATUS=a");
    until_sent(*wait, 1);
    run->end("EXITED=0");
    run.reset();
    wait->until([&] { return wait->courier.phase() == RunPhase::ended; });
    start_run();
    run->say("STATUS=b");
    until_sent(*wait, 2);
    check_sent({"STATUS=a", "STATUS=b"});
}

BOOST_AUTO_TEST_CASE(a_rotated_and_replaced_run_is_read_to_its_end) {
    const auto wait = attach();
    start_run();
    run->say("STATUS=a");
    until_sent(*wait, 1);
    run->writer.acknowledge(1);
    run->say("X_LAST=1");
    run->rotate("STATE=starting\n");
    run->say("X_LAST=2");
    run.reset();
    start_run();
    run->say("STATUS=b");
    until_sent(*wait, 4);
    check_sent({"STATUS=a", "X_LAST=1", "X_LAST=2", "STATUS=b"});
    BOOST_TEST(!std::filesystem::exists(directory.path(channel::old_journal_name)));
}

BOOST_AUTO_TEST_CASE(the_same_invocation_reads_its_run_and_the_next) {
    auto wait = attach();
    start_run();
    run->say("READY=1");
    wait->until([&] { return bridge::host_in(directory).progress.acknowledged == 1; });
    wait.reset();
    run->say("X_LAST=1");
    run.reset();
    start_run();
    run->say("READY=1");
    run->say("X_EVENT=1");
    wait = attach();
    until_sent(*wait, 4);
    check_sent({"READY=1", "X_LAST=1", "READY=1", "X_EVENT=1"});
    wait->until([&] { return bridge::host_in(directory).progress.acknowledged == 2; });
    BOOST_TEST(!std::filesystem::exists(directory.path(channel::old_journal_name)));
}

BOOST_AUTO_TEST_CASE(another_invocation_ignores_a_kept_journal) {
    auto wait = attach();
    start_run();
    run->say("READY=1");
    wait->until([&] { return bridge::host_in(directory).progress.acknowledged == 1; });
    wait.reset();
    run->say("X_LAST=1");
    run.reset();
    start_run();
    run->say("READY=1");
    run->say("X_EVENT=1");
    wait = attach("two", true);
    run->say("X_EVENT=2");
    until_sent(*wait, 2);
    check_sent({"READY=1", "READY=1"});
}

BOOST_AUTO_TEST_CASE(the_state_is_sent_if_the_journal_was_rotated_before_reading) {
    const auto wait = attach();
    start_run();
    run->say("READY=1\nSTATUS=a");
    run->writer.acknowledge(1);
    run->rotate("STATE=ready\nREADY=1\nSTATUS=a\n");
    run->say("ERRNO=5\nX_EVENT=1");
    until_sent(*wait, 2);
    check_sent({"READY=1\nSTATUS=a", "ERRNO=5\nX_EVENT=1"});
}

BOOST_AUTO_TEST_CASE(the_next_wait_sends_a_state_that_a_killed_wait_left_unsent) {
    start_run();
    run->say("READY=1");
    run->writer.acknowledge(1);
    run->rotate("STATE=ready\nREADY=1\n");
    channel::HostFile host;
    host.facts.invocation = "one";
    host.facts.run = run->writer.header().run;
    BOOST_TEST_REQUIRE(channel::HostFileWriter(directory.fd()).publish(host).has_value());
    const auto wait = attach("one", true);
    until_sent(*wait, 1);
    run->say("X_EVENT=1");
    until_sent(*wait, 2);
    check_sent({"READY=1", "X_EVENT=1"});
}

BOOST_AUTO_TEST_CASE(the_next_wait_skips_records_included_in_an_announced_state) {
    start_run();
    run->say("READY=1");
    run->say("X_EVENT=1");
    channel::HostFile host;
    host.facts.invocation = "one";
    host.facts.run = run->writer.header().run;
    host.facts.state_to = 2;
    BOOST_TEST_REQUIRE(channel::HostFileWriter(directory.fd()).publish(host).has_value());
    run->say("X_EVENT=2");
    const auto wait = attach("one", true);
    until_sent(*wait, 2);
    check_sent({"READY=1", "X_EVENT=2"});
}

BOOST_AUTO_TEST_CASE(a_state_is_announced_before_it_is_sent) {
    start_run();
    run->say("READY=1");
    run->say("X_EVENT=1");
    const auto wait = attach("two", true);
    until_sent(*wait, 1);
    BOOST_TEST(bridge::host_in(directory).facts.state_to == 2u);
    run->say("READY=1");
    run.reset();
    start_run();
    run->say("X_EVENT=2");
    until_sent(*wait, 3);
    BOOST_TEST(bridge::host_in(directory).facts.state_to == 0u);
}

BOOST_AUTO_TEST_CASE(the_state_is_sent_after_a_backlog_was_discarded) {
    start_run();
    run->say("READY=1\nSTATUS=a");
    auto wait = attach("one", true);
    until_sent(*wait, 1);
    wait->until([&] { return bridge::host_in(directory).progress.acknowledged == 1; });
    wait.reset();
    run->say("STATUS=b");
    run->say("ERRNO=5");
    run->writer.acknowledge(3);
    run->rotate("STATE=ready\nREADY=1\nSTATUS=b\nERRNO=5\n");
    run->say("X_EVENT=1");
    wait = attach("one", true);
    until_sent(*wait, 3);
    check_sent({"READY=1\nSTATUS=a", "READY=1\nERRNO=5\nSTATUS=b", "X_EVENT=1"});
}

BOOST_AUTO_TEST_CASE(a_rotation_loses_no_message_and_repeats_no_message) {
    const auto wait = attach();
    start_run();
    bridge::Texts said;
    for (int round = 0; round < 20; ++round) {
        for (int number = 0; number < 50; ++number) {
            said.push_back("X_N=" + std::to_string(said.size()));
            run->say(said.back());
        }
        if (round % 3 == 0)
            until_sent(*wait, said.size() - 25);
        run->writer.acknowledge(bridge::host_in(directory).progress.acknowledged);
        run->rotate("STATE=starting\n");
    }
    until_sent(*wait, said.size());
    check_sent(said);
}

BOOST_AUTO_TEST_CASE(a_barrier_is_processed_when_the_manager_releases_our_barrier) {
    releases_barriers = false;
    const auto wait = attach();
    start_run();
    run->say("READY=1");
    const std::uint64_t sequence = run->barrier();
    wait->until([&] { return receive() == 1 && held_barriers.size() == 1; });
    wait->until([&] { return bridge::host_in(directory).progress.acknowledged == sequence; });
    BOOST_TEST(bridge::host_in(directory).progress.processed < sequence);
    held_barriers.clear();
    wait->until([&] { return bridge::host_in(directory).progress.processed == sequence; });
}

BOOST_AUTO_TEST_CASE(the_next_wait_repeats_a_pending_barrier) {
    releases_barriers = false;
    auto wait = attach();
    start_run();
    const std::uint64_t sequence = run->barrier();
    wait->until([&] { return bridge::host_in(directory).progress.acknowledged == sequence; });
    wait.reset();
    releases_barriers = true;
    wait = attach();
    wait->until([&] {
        receive();
        return bridge::host_in(directory).progress.processed >= sequence;
    });
}

BOOST_AUTO_TEST_CASE(a_barrier_does_not_count_for_the_next_run) {
    releases_barriers = false;
    const auto wait = attach();
    start_run();
    run->say("STATUS=1");
    run->barrier();
    wait->until([&] { return receive() == 1 && held_barriers.size() == 1; });
    run->end("EXITED=0");
    run.reset();
    wait->until([&] { return wait->courier.phase() == RunPhase::ended; });
    start_run();
    const std::uint64_t sequence = run->barrier();
    wait->until([&] { return receive() == 1 && held_barriers.size() == 2; });
    held_barriers.erase(held_barriers.begin());
    run->say("STATUS=2");
    wait->until([&] { return bridge::host_in(directory).progress.acknowledged == sequence + 1; });
    BOOST_TEST(bridge::host_in(directory).progress.processed < sequence);
    held_barriers.clear();
    wait->until([&] { return bridge::host_in(directory).progress.processed == sequence; });
}

BOOST_AUTO_TEST_CASE(a_flood_is_delayed_but_not_lost) {
    rate = 1000;  // Messages a second. A burst has ten times as many.
    const auto wait = attach();
    start_run();
    bridge::Texts said;
    for (int number = 0; number < 10'200; ++number) {
        said.push_back("X_N=" + std::to_string(number));
        run->say(said.back());
    }
    const auto begin = std::chrono::steady_clock::now();
    until_sent(*wait, said.size());
    BOOST_TEST((std::chrono::steady_clock::now() - begin > std::chrono::milliseconds(180)));
    check_sent(said);
}

BOOST_AUTO_TEST_CASE(in_a_flood_only_status_texts_and_pings_merge) {
    rate = 100;
    const auto wait = attach();
    start_run();
    for (int number = 0; number < 1000; ++number)
        run->say("X_BURST=1");
    until_sent(*wait, 1000);
    sent.clear();
    // All these messages are written before the courier reads them.
    for (int number = 0; number < 1000; ++number) {
        run->say("STATUS=before " + std::to_string(number));
        run->say("WATCHDOG=1");
    }
    run->say("X_BETWEEN=1");
    for (int number = 0; number < 1000; ++number)
        run->say("STATUS=after " + std::to_string(number));
    run->say("READY=1");
    wait->until([&] {
        receive();
        return !sent.empty() && sent.back() == "READY=1";
    });
    check_rate();
    const auto between = std::find(sent.begin(), sent.end(), "X_BETWEEN=1");
    BOOST_TEST_REQUIRE((between - sent.begin() >= 2 && sent.end() - between >= 3));
    // The order of these two messages depends on when the limit was reached.
    const std::set<std::string> last_before(between - 2, between);
    BOOST_TEST((last_before == std::set<std::string>{"STATUS=before 999", "WATCHDOG=1"}));
    BOOST_TEST(sent[sent.size() - 2] == "STATUS=after 999");
    BOOST_TEST(wait->courier.forwarder().drops().count(notify::DropReason::merged)
               == 3002u - sent.size());
    wait->until([&] { return bridge::host_in(directory).progress.acknowledged == 4002; });
}

BOOST_AUTO_TEST_CASE(a_run_that_outlives_its_command_keeps_the_rate_limit) {
    rate = 10;
    const auto wait = outlive_command_after_burst();
    say_mergeable();
    until_sent(*wait, 1);
    say_mergeable();
    run->say("READY=1");
    wait->until([&] {
        receive();
        return !sent.empty() && sent.back() == "READY=1";
    });
    check_rate();
}

BOOST_AUTO_TEST_CASE(a_rotation_does_not_lift_the_rate_limit) {
    rate = 10;
    const auto wait = outlive_command_after_burst();
    say_mergeable();
    // The next journal would repeat unacknowledged records, and they would count twice.
    run->writer.acknowledge(1100);
    run->rotate("STATE=starting\n");
    say_mergeable();
    run->say("READY=1");
    wait->until([&] {
        receive();
        return !sent.empty() && sent.back() == "READY=1";
    });
    check_rate();
}

BOOST_AUTO_TEST_CASE(the_backlog_of_an_ended_run_is_sent_at_once) {
    rate = 1;
    const auto wait = outlive_command_after_burst();
    for (int number = 0; number < 100; ++number)
        run->say("X_N=" + std::to_string(number));
    run.reset();
    wait->until([&] { return receive() == 100 && wait->courier.phase() == RunPhase::ended; });
}

BOOST_AUTO_TEST_CASE(an_unsent_state_is_counted_but_not_acknowledged) {
    const test::LogRecords records(util::Severity::error);
    start_run();
    run->say("READY=1");
    const auto wait = attach("two", true);
    wait->uplink.give_up();
    std::filesystem::remove(path);
    run->end("EXITED=0");
    wait->until([&] { return wait->courier.phase() != RunPhase::none; });
    run.reset();
    wait->until([&] { return wait->courier.phase() == RunPhase::ended; });
    BOOST_TEST(bridge::host_in(directory).progress.acknowledged == 0u);
    BOOST_TEST(records.has("could not be delivered"));
}

BOOST_AUTO_TEST_CASE(a_damaged_journal_ends_the_run) {
    const auto wait = attach();
    start_run();
    run->say("READY=1");
    until_sent(*wait, 1);
    std::filesystem::resize_file(directory.path(channel::journal_name), 0);
    wait->until([&] { return wait->courier.phase() == RunPhase::ended; });
    run->say("STATUS=after");
    wait->courier.command_gone();
    wait->until([&] { return wait->caught_up == 1; });
    check_sent({"READY=1"});
    BOOST_TEST(!wait->courier.end().has_value());
}

BOOST_AUTO_TEST_CASE(a_signal_stays_in_the_host_file_until_the_next_run) {
    const auto wait = attach();
    start_run();
    wait->until([&] { return wait->courier.phase() == RunPhase::live; });
    wait->courier.signal_run(15);
    BOOST_TEST(bridge::host_in(directory).facts.signals.size() == 1u);
    run.reset();
    wait->until([&] { return wait->courier.phase() == RunPhase::ended; });
    start_run();
    wait->until([&] { return wait->courier.phase() == RunPhase::live; });
    BOOST_TEST(bridge::host_in(directory).facts.signals.empty());
    run.reset();
    wait->until([&] { return wait->courier.phase() == RunPhase::ended; });
    wait->courier.depart();
    BOOST_TEST(!std::filesystem::exists(directory.path(channel::host_name)));
}

BOOST_AUTO_TEST_CASE(depart_publishes_that_a_live_run_was_left) {
    const auto wait = attach();
    start_run();
    wait->until([&] { return wait->courier.phase() == RunPhase::live; });
    wait->courier.depart();
    BOOST_TEST(bridge::host_in(directory).facts.has_left);
    BOOST_TEST((bridge::host_in(directory).facts.run == run->writer.header().run));
}

BOOST_AUTO_TEST_CASE(depart_removes_the_host_file_of_an_ended_run) {
    const auto wait = attach();
    start_run();
    wait->until([&] { return wait->courier.phase() == RunPhase::live; });
    run.reset();
    wait->courier.depart();
    BOOST_TEST(!std::filesystem::exists(directory.path(channel::host_name)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wait
