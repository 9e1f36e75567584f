#include "bridge/wrap/sender_gate.hpp"

#include <boost/test/unit_test.hpp>

#include "base/util/concat.hpp"
#include "bridge/bridge.hpp"
#include "keeping_sink.hpp"
#include "support/child.hpp"
#include "whole.hpp"

namespace notifybridge::wrap {
namespace {

struct Senders {
    event::Loop loop;
    KeepingSink outlet;
    channel::ContainerStatus status;
    Whole whole;
    SenderGate gate{loop, outlet, status, whole.plan, whole, {}};
    test::Child command;
    test::Child other;

    Senders() { gate.follow(command.pid()); }

    void take(pid_t sender, std::string_view text) {
        notify::Datagram datagram{text, {sender, 2, 3}, {}};
        gate.take(datagram, *notify::parse(text), {1, 1});
        BOOST_TEST(datagram.text == text);
    }

    void check(const bridge::Texts& wanted) const {
        BOOST_TEST(outlet.taken == wanted, boost::test_tools::per_element());
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sender_gate, Senders)

BOOST_AUTO_TEST_CASE(messages_of_the_command_pass_the_sender_gate) {
    take(command.pid(), "READY=1");
    take(command.pid(), "STOPPING=1\nSTATUS=a\\b");
    gate.take_barrier({}, {}, {});
    check({"READY=1", "STOPPING=1\nSTATUS=a\\b", "a barrier"});
}

BOOST_AUTO_TEST_CASE(an_ended_process_that_names_itself_is_not_the_successor) {
    const pid_t ended = other.pid();
    other.end();
    take(ended, util::concat("MAINPID=", ended));
    BOOST_TEST(whole.events.empty());
    // It may have been a helper that named another process.
    take(ended, "MAINPID=77");
    take(command.pid(), "MAINPID=78");
    const auto named = whole.all<MainPidNamed>();
    BOOST_TEST_REQUIRE(named.size() == 2u);
    BOOST_TEST(named[0].named == 77);
    BOOST_TEST(named[1].named == 78);
}

BOOST_AUTO_TEST_CASE(stopping_1_of_another_process_waits_for_a_stop) {
    take(other.pid(), "READY=1");
    take(other.pid(), "X_A=1\nSTOPPING=1\nSTATUS=a\\b");
    take(other.pid(), "STOPPING=1");
    check({"READY=1", "X_A=1\nSTATUS=a\\b"});
    gate.command_stops();
    check({"READY=1", "X_A=1\nSTATUS=a\\b", "STOPPING=1"});
    BOOST_TEST(outlet.senders.back() == other.pid());
    BOOST_TEST(outlet.settled == 3u);
    gate.command_stops();
    BOOST_TEST(outlet.taken.size() == 3u);
}

BOOST_AUTO_TEST_CASE(stopping_1_of_another_process_passes_during_a_stop) {
    whole.ask_to_end();
    take(other.pid(), "STOPPING=1\nX_A=1");
    check({"STOPPING=1\nX_A=1"});
}

BOOST_AUTO_TEST_CASE(a_later_ready_1_replaces_a_delayed_stopping_1) {
    take(other.pid(), "STOPPING=1");
    take(command.pid(), "READY=1");
    gate.command_stops();
    check({"READY=1"});
}

BOOST_AUTO_TEST_CASE(a_later_ready_1_by_a_probe_replaces_a_delayed_stopping_1) {
    take(other.pid(), "STOPPING=1");
    status.state.phase = notify::Phase::ready;
    status.state.since = {2, 2};
    gate.command_stops();
    BOOST_TEST(outlet.taken.empty());
}

BOOST_AUTO_TEST_CASE(stopping_1_is_not_sent_twice) {
    take(other.pid(), "STOPPING=1");
    status.state.phase = notify::Phase::stopping;
    gate.command_stops();
    BOOST_TEST(outlet.taken.empty());
}

BOOST_AUTO_TEST_CASE(another_process_may_take_over_as_the_command) {
    gate.follow(other.pid());
    take(other.pid(), "STOPPING=1");
    take(command.pid(), "STOPPING=1\nX_A=1");
    check({"STOPPING=1", "X_A=1"});
}

BOOST_AUTO_TEST_CASE(with_access_main_only_messages_of_the_command_count) {
    SenderGate main(loop, outlet, status, whole.plan, whole, {.access = NotifyAccess::main});
    main.follow(command.pid());
    BOOST_TEST(main.accepts(command.pid()));
    BOOST_TEST(!main.accepts(other.pid()));
    BOOST_TEST(!main.accepts(0));
    BOOST_TEST(gate.accepts(other.pid()));
    BOOST_TEST(gate.accepts(0));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wrap
