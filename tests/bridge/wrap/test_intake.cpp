#include "bridge/wrap/intake.hpp"

#include <poll.h>

#include <boost/test/unit_test.hpp>
#include <functional>
#include <string>
#include <vector>

#include "bridge/bridge.hpp"
#include "support/run_loop.hpp"

using namespace std::string_literals;

namespace notifybridge::wrap {
namespace {

using notify::DropReason;

/// Keeps the messages that it receives.
struct KeepingOutlet final : MessageSink {
    bool accepts(pid_t sender) override {
        asked.push_back(sender);
        return asked.size() > ignored;
    }
    void take(notify::Datagram& datagram, const notify::Message&, system::Moment) override {
        taken.emplace_back(datagram.text);
        if (on_take)
            on_take();
    }
    void take_barrier(system::UniqueFd fd, const notify::Datagram&, system::Moment) override {
        taken.emplace_back("a barrier");
        barriers.push_back(std::move(fd));
    }
    void settle() override { settled = taken.size(); }
    bool has_room() const override { return room; }

    std::size_t ignored = 0;  ///< The number of first messages that do not count.
    std::vector<pid_t> asked;
    bridge::Texts taken;
    std::vector<system::UniqueFd> barriers;
    std::size_t settled = 0;
    bool room = true;
    std::function<void()> on_take;
};

struct Taken {
    test::TemporaryDirectory directory;
    std::string path = directory.path("notify.sock");
    event::Loop loop;
    KeepingOutlet outlet;
    channel::ContainerStatus status;
    Intake intake{loop, notify::Receiver(path, 0600), {}, outlet, status};
    notify::Sender sender{bridge::address_of(path)};

    void send(std::string_view text, std::size_t fd_count = 0) {
        const std::vector<system::Fd> fds(fd_count, system::Fd(STDERR_FILENO));
        BOOST_TEST_REQUIRE(bool(sender.send(text, fds)));
    }

    std::uint64_t dropped(DropReason reason) const { return status.drops.count(reason); }

    /// Sends a datagram, and checks that it is dropped for this reason.
    void check_dropped(std::string_view text, std::size_t fd_count, DropReason reason) {
        send(text, fd_count);
        intake.catch_up();
        BOOST_TEST(outlet.taken.empty());
        BOOST_TEST(dropped(reason) == 1u);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(intake_of_messages, Taken)

BOOST_AUTO_TEST_CASE(valid_messages_are_passed_on_unchanged) {
    loop.spawn([this] { return intake.run(); });
    test::run(loop, [this]() -> event::Awaitable<> {
        send("STATUS=a\\b\r\nREADY=1\0"s);
        send("X_A=1");
        co_await test::until(loop, [this] { return outlet.taken.size() == 2; });
    });
    BOOST_TEST(outlet.taken == (bridge::Texts{"STATUS=a\\b\r\nREADY=1\0"s, "X_A=1"}),
               boost::test_tools::per_element());
    BOOST_TEST(outlet.settled == 2u);
    BOOST_TEST(status.messages == 2u);
}

BOOST_AUTO_TEST_CASE(all_waiting_messages_are_received_at_the_end) {
    // These are more messages than one batch, if net.unix.max_dgram_qlen allows such a long queue.
    constexpr std::size_t most = 200;
    std::size_t count = 0;
    while (count < most && sender.send("X_N=" + std::to_string(count)))
        ++count;
    BOOST_TEST_REQUIRE(count > 0);
    intake.catch_up();
    BOOST_TEST_REQUIRE(outlet.taken.size() == count);
    BOOST_TEST(outlet.taken.back() == "X_N=" + std::to_string(count - 1));
    BOOST_TEST(outlet.settled == count);
}

BOOST_AUTO_TEST_CASE(an_endless_sender_does_not_delay_the_end) {
    outlet.on_take = [this] { send("X_A=1"); };
    send("X_A=1");
    BOOST_TEST(intake.catch_up());
    const std::size_t caught = outlet.taken.size();
    test::run(loop, [this] { return intake.finish(std::chrono::milliseconds(10)); });
    BOOST_TEST(outlet.taken.size() > caught);
    outlet.on_take = nullptr;
    BOOST_TEST(!intake.catch_up());
}

BOOST_AUTO_TEST_CASE(invalid_messages_are_counted_by_reason) {
    check_dropped(std::string(4097, 'x'), 0, DropReason::too_long);
    check_dropped("STATUS=a\0READY=1"s, 0, DropReason::embedded_nul);
    check_dropped("READY=1\nSTATUS=\\", 0, DropReason::trailing_backslash);
    check_dropped("", 0, DropReason::empty);
    send("READY=1");
    intake.catch_up();
    BOOST_TEST(outlet.taken == bridge::Texts{"READY=1"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_barrier_is_handed_over_with_its_descriptor) {
    send("BARRIER=1", 1);
    intake.catch_up();
    BOOST_TEST(outlet.taken == bridge::Texts{"a barrier"}, boost::test_tools::per_element());
    BOOST_TEST_REQUIRE(outlet.barriers.size() == 1u);
    BOOST_TEST(static_cast<bool>(outlet.barriers.front()));
}

BOOST_AUTO_TEST_CASE(a_barrier_without_a_descriptor_is_dropped) {
    check_dropped("BARRIER=1", 0, DropReason::bad_barrier);
}

BOOST_AUTO_TEST_CASE(a_barrier_with_two_descriptors_is_dropped) {
    const std::size_t before = test::open_descriptors();
    check_dropped("BARRIER=1", 2, DropReason::bad_barrier);
    // The sender has connected, which needs one descriptor.
    BOOST_TEST(test::open_descriptors() == before + 1);
}

BOOST_AUTO_TEST_CASE(a_barrier_with_other_assignments_is_dropped) {
    check_dropped("READY=1\nBARRIER=1", 1, DropReason::bad_barrier);
}

BOOST_AUTO_TEST_CASE(an_ignored_message_is_counted_but_a_barrier_is_not_ignored) {
    outlet.ignored = 1;
    send("READY=1");
    send("READY=1\nX_A=1");
    send("BARRIER=1", 1);
    intake.catch_up();
    BOOST_TEST(outlet.taken == (bridge::Texts{"READY=1\nX_A=1", "a barrier"}),
               boost::test_tools::per_element());
    BOOST_TEST(dropped(DropReason::other_sender) == 1u);
    BOOST_TEST(outlet.asked == std::vector<pid_t>(2, ::getpid()), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(only_the_status_of_a_message_is_dropped_if_it_is_not_utf8) {
    send("READY=1\nSTATUS=\xFF");
    intake.catch_up();
    BOOST_TEST(dropped(DropReason::bad_utf8) == 1u);
    BOOST_TEST(outlet.taken.size() == 1u);
}

BOOST_AUTO_TEST_CASE(descriptors_that_no_outlet_accepts_are_closed_and_counted) {
    send("READY=1");
    intake.catch_up();
    const std::size_t before = test::open_descriptors();
    send("FDSTORE=1", 3);
    intake.catch_up();
    BOOST_TEST(test::open_descriptors() == before);
    BOOST_TEST(dropped(DropReason::unsent_fds) == 1u);
    BOOST_TEST(outlet.taken.size() == 2u);
}

BOOST_AUTO_TEST_CASE(no_message_is_received_while_the_outlet_has_no_room) {
    outlet.room = false;
    send("READY=1");
    loop.spawn([this] { return intake.run(); });
    test::run(loop, [this]() -> event::Awaitable<> {
        for (int turn = 0; turn < 10; ++turn)
            co_await loop.yield();
        BOOST_TEST(outlet.taken.empty());
        BOOST_TEST(status.pauses == 1u);
        outlet.room = true;
        intake.room();
        co_await test::until(loop, [this] { return outlet.taken.size() == 1; });
    });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wrap
