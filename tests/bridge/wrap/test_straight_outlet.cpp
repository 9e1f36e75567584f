#include "bridge/wrap/straight_outlet.hpp"

#include <sys/resource.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/notify/barrier.hpp"
#include "base/util/concat.hpp"
#include "bridge/bridge.hpp"
#include "outlet_listener.hpp"
#include "support/child.hpp"
#include "support/log_records.hpp"
#include "support/privileges.hpp"
#include "support/run_loop.hpp"

namespace notifybridge::wrap {
namespace {

using namespace std::chrono_literals;

relay::Policy policy_with(std::initializer_list<const char*> keys) {
    relay::Policy policy;
    for (const char* const key : keys)
        policy.allow(key);
    return policy;
}

struct Straight {
    test::TemporaryDirectory directory;
    std::string path = directory.path("manager.sock");
    std::optional<test::Manager> manager{path};
    event::Loop loop;
    Listener listener;
    StraightOutlet outlet{loop, relay::Policy(), bridge::address_of(path)};

    Straight() {
        outlet.set_listener(listener);
        outlet.start();
    }

    void take(std::string_view text, std::size_t fd_count = 0) {
        notify::Datagram datagram{text, {}, {}};
        for (; fd_count > 0; --fd_count)
            datagram.fds.push_back(event::duplicate(system::Fd(STDERR_FILENO)));
        outlet.take(datagram, *notify::parse(text), {1, 1});
    }

    void finish(std::chrono::microseconds patience) {
        test::run(loop, [&] { return outlet.finish({}, patience); });
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(straight_outlet, Straight)

BOOST_AUTO_TEST_CASE(messages_go_to_the_manager_in_their_order) {
    take("STATUS=1");
    take("STATUS=2\rMAINPID=1\nMAINPIDFD=1\rMAINPIDFDID=1");
    take("MAINPID=1");
    take("READY=1");
    finish(1h);
    BOOST_TEST(manager->texts() == (bridge::Texts{"STATUS=1", "STATUS=2", "READY=1"}),
               boost::test_tools::per_element());
    BOOST_TEST(outlet.drops().counters().count(notify::DropReason::refused_key) == 2u);
}

// With NotifyAccess=main, systemd ignores all other senders.
BOOST_AUTO_TEST_CASE(messages_after_mainpid_have_the_pid_of_the_main_process,
                     *boost::unit_test::precondition(test::is_root)) {
    const test::Child child;
    StraightOutlet naming(loop, policy_with({"MAINPID"}), bridge::address_of(path));
    naming.set_listener(listener);
    naming.start();
    const auto senders = [&](const std::string& text) {
        notify::Datagram datagram{text, {}, {}};
        naming.take(datagram, *notify::parse(text), {1, 1});
        datagram.text = "READY=1";
        naming.take(datagram, *notify::parse("READY=1"), {1, 1});
        test::run(loop, [&] { return naming.finish({}, 1h); });
        std::vector<pid_t> pids;
        while (const auto received = manager->next())
            pids.push_back(received->sender.pid);
        return pids;
    };
    BOOST_TEST(senders(util::concat("MAINPID=", child.pid()))
                   == (std::vector<pid_t>{::getpid(), child.pid()}),
               boost::test_tools::per_element());
    child.end();
    BOOST_TEST(senders("STATUS=up") == (std::vector<pid_t>{::getpid(), ::getpid()}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_log_has_the_number_of_undelivered_messages) {
    const test::LogRecords records(util::Severity::error);
    manager.reset();
    take("STATUS=1");
    take("READY=1");
    finish(1ms);
    BOOST_TEST(records.has("2 messages could not be delivered"));
    BOOST_TEST(!records.has("READY=1"));
}

BOOST_AUTO_TEST_CASE(in_a_flood_status_texts_and_pings_merge) {
    const std::string longest(4000, 'x');
    for (int number = 0; number < 1000; ++number)
        take("STATUS=" + longest + std::to_string(number));
    take("READY=1");
    for (int number = 0; number < 1000; ++number) {
        take("STATUS=" + longest + std::to_string(number));
        take("WATCHDOG=1");
    }
    BOOST_TEST(outlet.has_room());
    bridge::Texts sent;
    const auto is_over = [&] {
        for (std::string& text : manager->texts())
            sent.push_back(std::move(text));
        return !sent.empty() && sent.back() == "WATCHDOG=1";
    };
    test::run(loop, [&] { return test::until(loop, is_over); });
    // A quarter of the queue's room was used when merging began.
    BOOST_TEST(sent.size() > 200u);
    BOOST_TEST(sent.size() < 300u);
    BOOST_TEST_REQUIRE(sent.size() > 4u);
    BOOST_TEST((bridge::Texts(sent.end() - 4, sent.end())
                == bridge::Texts{"STATUS=" + longest + "999", "READY=1",
                                 "STATUS=" + longest + "999", "WATCHDOG=1"}));
    BOOST_TEST(outlet.drops().counters().count(notify::DropReason::merged) == 3001 - sent.size());
    finish(1h);
}

BOOST_AUTO_TEST_CASE(descriptors_are_sent_only_with_a_key_about_descriptors) {
    take("FDSTORE=1", 2);
    take("READY=1", 2);
    finish(1h);
    BOOST_TEST(manager->next().value().fds.size() == 2u);
    BOOST_TEST(manager->next().value().fds.empty());
}

BOOST_AUTO_TEST_CASE(the_manager_releases_barriers_in_order) {
    notify::Barrier barrier;
    take("READY=1");
    {
        // Sends the barrier over a socket, so that the outlet gets a new descriptor from the
        // kernel.
        test::Manager socket(directory.path("own.sock"));
        notify::Sender sender(bridge::address_of(directory.path("own.sock")));
        BOOST_TEST(bool(barrier.send(sender)));
        auto received = socket.next();
        outlet.take_barrier(std::move(received.value().fds.at(0)), {}, {});
    }
    finish(1h);
    BOOST_TEST(manager->next().value().text == "READY=1");
    BOOST_TEST(!test::is_ready(barrier.passed(), POLLIN));
    BOOST_TEST(manager->texts() == bridge::Texts{"BARRIER=1"}, boost::test_tools::per_element());
    BOOST_TEST(test::is_ready(barrier.passed(), POLLIN));
}

BOOST_AUTO_TEST_CASE(descriptors_also_count_for_the_limit_of_the_backlog) {
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const rlimit few{64, before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &few);
    StraightOutlet narrow(loop, relay::Policy(), bridge::address_of(path));
    ::setrlimit(RLIMIT_NOFILE, &before);
    narrow.set_listener(listener);
    narrow.start();
    int taken = 0;
    for (; narrow.has_room() && taken < 64; ++taken)
        narrow.take_barrier(event::duplicate(system::Fd(STDERR_FILENO)), {}, {});
    BOOST_TEST(taken == 16);
    bool has_room = false;
    listener.on_room = [&] { has_room = true; };
    test::run(loop, [&] {
        return test::until(loop, [&] {
            manager->texts();
            return has_room;
        });
    });
    BOOST_TEST(narrow.has_room());
    test::run(loop, [&] { return narrow.finish({}, 1h); });
}

BOOST_AUTO_TEST_CASE(refused_keys_are_escaped_in_the_log) {
    const test::LogRecords records(util::Severity::debug);
    take("A\x1B[2J=1");
    BOOST_TEST(records.texts().size() == 1u);
    BOOST_TEST(!records.has("\x1B"));
}

BOOST_AUTO_TEST_CASE(the_wait_for_a_manager_at_the_end_is_limited) {
    manager.reset();
    take("READY=1");
    finish(10ms);
}

BOOST_AUTO_TEST_CASE(the_backlog_for_a_manager_is_limited) {
    manager.reset();
    const std::string text = "X_TEXT=" + std::string(4000, 'x');
    int taken = 0;
    for (; outlet.has_room() && taken < 100'000; ++taken)
        take(text);
    BOOST_TEST(taken > 500);
    BOOST_TEST(taken < 2000);
    bool has_room = false;
    listener.on_room = [&] { has_room = true; };
    manager.emplace(path);
    test::run(loop, [&] {
        return test::until(loop, [&] {
            manager->texts();
            return has_room;
        });
    });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wrap
