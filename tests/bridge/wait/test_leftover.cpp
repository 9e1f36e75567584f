#include "bridge/wait/leftover.hpp"

#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <optional>

#include "bridge/bridge.hpp"
#include "support/run_loop.hpp"

namespace notifybridge::wait {
namespace {

using namespace std::chrono_literals;

struct Before {
    test::TemporaryDirectory directory;
    event::Loop loop;
    std::optional<bridge::Run> run;

    /// Starts a run that a `wait` reads. This `wait` is then killed.
    void start_run_for(const std::string& invocation, bool has_command, bool beats = false) {
        Attachment wait(loop, directory.fd(), {invocation, {}, 0, "", has_command});
        wait.announce();
        run.emplace(directory.fd(), beats);
        wait.attach(run->writer.header().run, false);
        wait.acknowledge(9);
        wait.flush();
    }

    channel::HostFacts facts() { return bridge::host_in(directory).facts; }
};

/// The next `wait`, before it starts its command.
struct Next {
    Attachment attachment;
    Leftover leftover;

    explicit Next(Before& before, const std::string& invocation = "two")
        : attachment(before.loop, before.directory.fd(), {invocation, {}, 0, "", true}),
          leftover(before.loop, before.directory.fd(), attachment) {
        leftover.look();
    }

    void claim() {
        leftover.claim();
        attachment.announce();
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(leftover, Before)

BOOST_AUTO_TEST_CASE(without_a_run_there_is_no_leftover_run) {
    BOOST_TEST(!Next(*this).leftover.is_there());
}

BOOST_AUTO_TEST_CASE(an_ended_run_is_not_a_leftover_run) {
    start_run_for("one", true);
    run.reset();
    BOOST_TEST(!Next(*this).leftover.is_there());
}

BOOST_AUTO_TEST_CASE(a_run_without_locks_that_has_an_end_is_not_a_leftover_run) {
    start_run_for("one", true, true);
    BOOST_TEST(Next(*this).leftover.is_there());
    run->end("EXITED=0");
    run.reset();
    BOOST_TEST(!Next(*this).leftover.is_there());
}

BOOST_AUTO_TEST_CASE(a_run_that_no_wait_has_started_is_not_a_leftover_run) {
    start_run_for("one", false);
    Next next(*this);
    BOOST_TEST(next.leftover.is_there());
    BOOST_TEST(!next.leftover.is_ours());
    BOOST_TEST(next.leftover.pid() == static_cast<std::uint32_t>(::getpid()));
    std::filesystem::remove(directory.path(channel::host_name));
    BOOST_TEST(!Next(*this).leftover.is_ours());
}

BOOST_AUTO_TEST_CASE(a_run_that_began_after_its_wait_was_killed_is_a_leftover_run) {
    start_run_for("one", true);
    run.reset();
    run.emplace(directory.fd());
    BOOST_TEST(Next(*this).leftover.is_ours());
}

BOOST_AUTO_TEST_CASE(a_leftover_run_that_is_about_to_end_is_awaited) {
    run.emplace(directory.fd());
    Next next(*this);
    BOOST_TEST(next.leftover.is_there());
    BOOST_TEST(!next.leftover.is_gone_within(20ms));
    run.reset();
    BOOST_TEST(next.leftover.is_gone_within(0ms));
    BOOST_TEST(!next.leftover.is_there());
}

BOOST_AUTO_TEST_CASE(the_claim_of_a_leftover_run_is_published_at_once) {
    start_run_for("one", true);
    Next next(*this);
    BOOST_TEST(next.leftover.is_ours());
    next.claim();
    BOOST_TEST((facts().run == run->writer.header().run));
    BOOST_TEST(facts().has_command);
    BOOST_TEST(facts().has_left);
    // If this `wait` is killed here, the next `wait` must end the run.
    BOOST_TEST(Next(*this, "three").leftover.is_ours());
}

BOOST_AUTO_TEST_CASE(the_claim_of_a_run_keeps_unread_records_of_an_earlier_run) {
    start_run_for("one", true);
    const channel::RunId unread = run->writer.header().run;
    run.reset();
    run.emplace(directory.fd());
    Next next(*this, "one");
    next.claim();
    BOOST_TEST((facts().run == unread));
    BOOST_TEST((facts().ending == run->writer.header().run));
    BOOST_TEST(!facts().has_left);
    BOOST_TEST(bridge::host_in(directory).progress.acknowledged == 9u);
    run.reset();
    bool is_over = false;
    loop.spawn([&]() -> event::Awaitable<> { is_over = co_await next.leftover.end(1h); });
    test::run(loop, [&] { return test::until(loop, [&] { return is_over; }); });
    BOOST_TEST((facts().run == unread));
    BOOST_TEST(!facts().ending);
    BOOST_TEST(facts().signals.empty());
}

BOOST_AUTO_TEST_CASE(a_leftover_run_that_ends_on_sigterm_is_forgotten) {
    start_run_for("one", true);
    Next next(*this);
    next.claim();
    bool is_over = false;
    loop.spawn([&]() -> event::Awaitable<> { is_over = co_await next.leftover.end(1h); });
    test::run(loop, [&] { return test::until(loop, [&] { return !facts().signals.empty(); }); });
    BOOST_TEST((facts().signals == channel::SignalList{{1, SIGTERM}, {2, SIGCONT}}));
    run.reset();
    test::run(loop, [&] { return test::until(loop, [&] { return is_over; }); });
    BOOST_TEST(!facts().run.has_value());
    BOOST_TEST(!facts().has_left);
    BOOST_TEST(facts().signals.empty());
    BOOST_TEST(!next.leftover.is_claimed());
}

BOOST_AUTO_TEST_CASE(a_leftover_run_that_ignores_sigterm_is_killed) {
    start_run_for("one", true);
    Next next(*this);
    next.claim();
    bool is_over = false;
    loop.spawn([&]() -> event::Awaitable<> { is_over = co_await next.leftover.end(10ms); });
    test::run(loop, [&] { return test::until(loop, [&] { return facts().signals.size() == 3; }); });
    BOOST_TEST((facts().signals == channel::SignalList{{1, SIGTERM}, {2, SIGCONT}, {3, SIGKILL}}));
    // The journal may have been rotated to another file in the meantime.
    BOOST_TEST(run->writer.rotate("", {}).has_value());
    BOOST_TEST(!is_over);
    run.reset();
    test::run(loop, [&] { return test::until(loop, [&] { return is_over; }); });
}

BOOST_AUTO_TEST_CASE(a_leftover_run_of_our_invocation_is_read_to_its_end) {
    start_run_for("one", true);
    Next next(*this, "one");
    BOOST_TEST(next.leftover.is_ours());
    next.claim();
    BOOST_TEST(!facts().has_left);
    BOOST_TEST(bridge::host_in(directory).progress.acknowledged == 9u);
    run.reset();
    bool is_over = false;
    loop.spawn([&]() -> event::Awaitable<> { is_over = co_await next.leftover.end(1h); });
    test::run(loop, [&] { return test::until(loop, [&] { return is_over; }); });
    BOOST_TEST(facts().run.has_value());
    BOOST_TEST(next.attachment.resumed_run().has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wait
