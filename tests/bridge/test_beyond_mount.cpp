#include <boost/test/unit_test.hpp>
#include <optional>

#include "bridge/bridge.hpp"
#include "bridge/interrupted_life.hpp"
#include "bridge/status/follower.hpp"
#include "bridge/status/overview.hpp"
#include "support/still_loop.hpp"

/// In these tests, one side or `status` sees the shared directory through a mount that hides locks.
/// The beat then shows whether a side is alive.
namespace notifybridge::bridge {
namespace {

using status::Liveness;

/// `wait` begins in a directory in which a run has left its journal, and adopts older runs.
struct OlderRun : Bridge {
    explicit OlderRun(bool is_alive) : is_alive_(is_alive) {}

    void live() override {
        if (!start_wrap())
            return;
        have_journaled("READY=1");
        if (!is_alive_) {
            wrap_.end();
            expected_.clear();
        }
        Faults::put_beyond_mount(wait_process);
        if (!start_wait("one", true))
            return;
        for (int times = 0; times < 100; ++times) {
            settle();
            Faults::advance(50ms);
        }
        settle();
    }

private:
    bool is_alive_;
};

/// A run whose journal `status --follow` follows.
struct Followed {
    test::StillLoop loop;
    test::TemporaryDirectory directory;
    std::optional<Run> run;
    std::optional<status::Follower> follower;
    bool is_over = false;

    explicit Followed(bool beats) { run.emplace(directory.fd(), beats); }

    void follow() {
        const As as(test::StillLoop::process);
        channel::JournalFault fault;
        follower.emplace(loop, directory.fd(), channel::JournalReader::open(directory.fd(), fault));
        loop.spawn([this]() -> event::Awaitable<> {
            co_await follower->run();
            is_over = true;
        });
    }

    void pass(std::chrono::seconds span) {
        for (; span.count() > 0; span -= 1s) {
            if (run)
                run->writer.beat();
            loop.pass(1s);
        }
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(beyond_mount)

BOOST_AUTO_TEST_CASE(wait_adopts_a_live_run_without_a_visible_lock) {
    OlderRun life(true);
    life.live();
    BOOST_TEST(life.problem() == "");
}

BOOST_AUTO_TEST_CASE(wait_ignores_a_dead_run_without_a_visible_lock) {
    OlderRun life(false);
    life.live();
    BOOST_TEST(life.problem() == "");
}

BOOST_AUTO_TEST_CASE(without_visible_locks_status_shows_an_unknown_liveness) {
    Faults faults;
    const test::TemporaryDirectory directory;
    const Run run(directory.fd());
    channel::HostFileWriter wait(directory.fd());
    BOOST_TEST_REQUIRE(wait.publish({}).has_value());
    Faults::put_beyond_mount(wait_process);
    const As as(wait_process);
    const status::Overview overview = status::look_at(directory.fd());
    BOOST_TEST((overview.run.value().liveness == Liveness::unknown));
    BOOST_TEST((overview.host.value().liveness == Liveness::unknown));
}

BOOST_AUTO_TEST_CASE(a_run_is_followed_even_if_its_lock_is_not_visible) {
    Followed followed(false);
    Faults::put_beyond_mount(test::StillLoop::process);
    followed.follow();
    followed.pass(60s);
    BOOST_TEST(!followed.is_over);
}

BOOST_AUTO_TEST_CASE(a_reader_stops_when_the_heartbeat_of_a_killed_run_stops) {
    Followed followed(true);
    followed.follow();
    followed.pass(60s);
    BOOST_TEST(!followed.is_over);
    followed.run.reset();
    followed.pass(9s);
    BOOST_TEST(!followed.is_over);
    followed.pass(3s);
    BOOST_TEST(followed.is_over);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::bridge
