#include "bridge/relay/uplink.hpp"

#include <linux/sched.h>
#include <signal.h>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/system/pidfd.hpp"
#include "bridge/bridge.hpp"
#include "support/log_records.hpp"
#include "support/privileges.hpp"
#include "support/run_loop.hpp"

namespace notifybridge::relay {
namespace {

using namespace std::chrono_literals;

struct Line {
    test::TemporaryDirectory directory;
    std::string path = directory.path("manager.sock");
    std::optional<test::Manager> manager{path};
    event::Loop loop;
    Uplink uplink{loop, bridge::address_of(path)};

    /// Sends without waiting. `done` counts successes, and `failed` counts failures.
    void send_later(std::string text) {
        loop.spawn([this, text = std::move(text)]() -> event::Awaitable<> {
            const notify::Attempt sent = co_await uplink.send(text);
            ++(sent ? done : failed);
        });
    }

    /// Fills the manager's queue. This needs several senders, because each sender has a limit.
    void fill_queue() const {
        for (bool found_room = true; found_room;) {
            notify::Sender sender(bridge::address_of(path));
            found_room = bool(sender.send("X_FILL=1"));
            while (sender.send("X_FILL=1")) {
            }
        }
    }

    /// Sends a message, and returns the pid that the manager gets as its sender.
    pid_t sender_of(std::string text) {
        const int before = done;
        send_later(std::move(text));
        test::run(loop, [&] { return test::until(loop, [&] { return done > before; }); });
        return manager->next().value().sender.pid;
    }

    int done = 0;
    int failed = 0;
};

/// Starts an idle process with this pid; 0 means any pid. Returns -1 if the pid is in use.
pid_t start_other(pid_t pid) {
    clone_args arguments{};
    arguments.exit_signal = SIGCHLD;
    if (pid != 0) {
        arguments.set_tid = reinterpret_cast<std::uintptr_t>(&pid);
        arguments.set_tid_size = 1;
    }
    const auto other = static_cast<pid_t>(::syscall(SYS_clone3, &arguments, sizeof arguments));
    while (other == 0)
        ::pause();
    return other;
}

void end_other(pid_t pid) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(uplink_to_manager, Line)

BOOST_AUTO_TEST_CASE(messages_to_the_manager_arrive_in_order) {
    test::run(loop, [this]() -> event::Awaitable<> {
        for (const char* const text : {"STATUS=1", "STATUS=2", "STATUS=3"}) {
            const notify::Attempt sent = co_await uplink.send(text);
            BOOST_TEST(bool(sent));
        }
    });
    BOOST_TEST(manager->texts() == (bridge::Texts{"STATUS=1", "STATUS=2", "STATUS=3"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_message_waits_until_a_busy_manager_reads) {
    fill_queue();
    send_later("READY=1");
    test::run(loop, [this]() -> event::Awaitable<> {
        for (int turn = 0; turn < 10; ++turn)
            co_await loop.yield();
        BOOST_TEST(done == 0);
        manager->texts();
        co_await test::until(loop, [this] { return done == 1; });
    });
    BOOST_TEST(manager->texts() == bridge::Texts{"READY=1"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_absent_manager_is_reported_once_and_gets_messages_later) {
    const test::LogRecords records(util::Severity::warning);
    manager.reset();
    std::filesystem::remove(path);
    send_later("READY=1");
    test::run(loop, [this]() -> event::Awaitable<> {
        event::Timer pause(loop);
        co_await pause.sleep(250ms);
        BOOST_TEST(done == 0);
        manager.emplace(path);
        co_await test::until(loop, [this] { return done == 1; });
    });
    BOOST_TEST(manager->texts() == bridge::Texts{"READY=1"}, boost::test_tools::per_element());
    BOOST_TEST(records.texts().size() == 1u);
    BOOST_TEST(records.has(path));
}

BOOST_AUTO_TEST_CASE(a_socket_that_refuses_messages_is_explained_with_advice) {
    const test::LogRecords records(util::Severity::warning);
    BOOST_TEST_REQUIRE(::chmod(path.c_str(), 0) == 0);
    // setfsuid takes away root's privilege to access all files.
    ::setfsuid(test::nobody);
    send_later("READY=1");
    test::run(loop, [this]() -> event::Awaitable<> {
        co_await loop.yield();
        ::setfsuid(::geteuid());
        BOOST_TEST_REQUIRE(::chmod(path.c_str(), 0777) == 0);
        co_await test::until(loop, [this] { return done == 1; });
    });
    BOOST_TEST(manager->texts() == bridge::Texts{"READY=1"}, boost::test_tools::per_element());
    BOOST_TEST(records.has("Permission denied"));
    BOOST_TEST(records.has("`notifybridge run`"));
}

BOOST_AUTO_TEST_CASE(a_barrier_returns_when_the_manager_has_read_the_barrier) {
    test::run(loop, [this]() -> event::Awaitable<> {
        const notify::Attempt sent = co_await uplink.send("READY=1");
        BOOST_TEST(bool(sent));
        const auto passed = co_await uplink.send_barrier();
        BOOST_TEST_REQUIRE(passed.has_value());
        BOOST_TEST(!test::is_ready(*passed, POLLIN));
        BOOST_TEST(manager->texts() == (bridge::Texts{"READY=1", "BARRIER=1"}),
                   boost::test_tools::per_element());
        BOOST_TEST(test::is_ready(*passed, POLLIN));
    });
}

BOOST_AUTO_TEST_CASE(giving_up_ends_the_wait_for_a_busy_manager) {
    fill_queue();
    send_later("READY=1");
    test::run(loop, [this]() -> event::Awaitable<> {
        co_await loop.yield();
        uplink.give_up();
        co_await test::until(loop, [this] { return failed == 1; });
        const auto passed = co_await uplink.send_barrier();
        BOOST_TEST(!passed.has_value());
    });
}

BOOST_AUTO_TEST_CASE(giving_up_ends_the_wait_for_an_absent_manager) {
    manager.reset();
    send_later("READY=1");
    test::run(loop, [this]() -> event::Awaitable<> {
        co_await loop.yield();
        uplink.give_up();
        co_await test::until(loop, [this] { return failed == 1; });
    });
}

BOOST_AUTO_TEST_CASE(messages_are_logged_if_there_is_no_manager) {
    const test::LogRecords records(util::Severity::debug);
    Uplink nowhere(loop, std::nullopt);
    BOOST_TEST(!nowhere.has_manager());
    test::run(loop, [&]() -> event::Awaitable<> {
        const notify::Attempt sent = co_await nowhere.send("STATUS=a\x1B[2J\nREADY=1");
        BOOST_TEST(bool(sent));
        const auto passed = co_await nowhere.send_barrier();
        BOOST_TEST_REQUIRE(passed.has_value());
        BOOST_TEST(test::is_ready(*passed, POLLIN));
    });
    BOOST_TEST(records.has("STATUS=a\\x1b[2J\\nREADY=1"));
}

BOOST_AUTO_TEST_CASE(root_can_send_in_the_name_of_another_live_process,
                     *boost::unit_test::precondition(test::is_root)) {
    const pid_t other = start_other(0);
    uplink.send_as({other, *system::open_pidfd(other)});
    BOOST_TEST(sender_of("STATUS=of another") == other);
    end_other(other);
    BOOST_TEST(sender_of("STATUS=of our own") == ::getpid());
}

BOOST_AUTO_TEST_CASE(a_reused_pid_is_not_named_as_the_sender,
                     *boost::unit_test::precondition(test::is_root)) {
    const pid_t other = start_other(0);
    uplink.send_as({other, *system::open_pidfd(other)});
    BOOST_TEST(sender_of("STATUS=of another") == other);
    end_other(other);
    BOOST_TEST_REQUIRE(start_other(other) == other);
    BOOST_TEST(sender_of("STATUS=of our own") == ::getpid());
    end_other(other);
}

BOOST_AUTO_TEST_CASE(a_message_that_is_never_accepted_does_not_stop_the_next) {
    test::run(loop, [this]() -> event::Awaitable<> {
        const std::string longer_than_any_buffer(64 * 1024 * 1024, 'x');
        const notify::Attempt sent = co_await uplink.send(longer_than_any_buffer);
        BOOST_TEST(sent.is_impossible());
    });
    send_later("READY=1");
    test::run(loop, [this] { return test::until(loop, [this] { return done == 1; }); });
    BOOST_TEST(manager->texts() == bridge::Texts{"READY=1"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::relay
