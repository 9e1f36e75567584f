#include "bridge/wrap/ready_gate.hpp"

#include <unistd.h>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>

#include "bridge/bridge.hpp"
#include "keeping_sink.hpp"

using namespace std::string_literals;

namespace notifybridge::wrap {
namespace {

struct Gate {
    KeepingSink outlet;
    channel::ContainerStatus status;
    ReadyGate gate{outlet, status};

    void take(std::string_view text, std::size_t fd_count = 0) {
        notify::Datagram datagram{text, {1, 2, 3}, {}};
        for (; fd_count > 0; --fd_count)
            datagram.fds.emplace_back(::dup(STDERR_FILENO));
        gate.take(datagram, *notify::parse(text), {1, 1});
        BOOST_TEST(datagram.text == text);
    }

    void check(const bridge::Texts& wanted) const {
        BOOST_TEST(outlet.taken == wanted, boost::test_tools::per_element());
    }
};

struct Line {
    std::string_view datagram;
    std::string_view rest;  ///< The part of the message that passes while the gate is closed.

    friend std::ostream& operator<<(std::ostream& out, const Line& line) {
        return out << line.datagram;
    }
};

const Line lines[] = {
    {"READY=1", ""},
    {"READY=1\n", ""},
    {"\r\nREADY=1\r\nREADY=1", ""},
    {"READY=1\nSTATUS=up", "STATUS=up"},
    {"STATUS=up\rREADY=1\nX_A=1", "STATUS=up\nX_A=1"},
    {"STATUS=up\\\nREADY=1", "STATUS=up\\\nREADY=1"},
    {"\\READY=1\nX_A=a\\b", "X_A=a\\b"},
    {"READY=0\nREADY=1", "READY=0"},
    {"READY=10", "READY=10"},
    {"READY= 1", "READY= 1"},
    {"RELOADING=1\nREADY=1", "RELOADING=1"},
    {"READY", "READY"},
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(ready_gate, Gate)

BOOST_AUTO_TEST_CASE(an_open_gate_passes_messages_unchanged) {
    take("STATUS=a\\b\r\nREADY=1");
    take("X_A=1");
    gate.take_barrier({}, {}, {});
    check({"STATUS=a\\b\r\nREADY=1", "X_A=1", "a barrier"});
    BOOST_TEST(outlet.senders.front() == 1);
}

BOOST_DATA_TEST_CASE_F(Gate, a_closed_gate_removes_only_ready_1, lines, line) {
    gate.close();
    take(line.datagram);
    check(line.rest.empty() ? bridge::Texts{} : bridge::Texts{std::string(line.rest)});
    BOOST_TEST((status.state.phase == notify::Phase::starting));
    for (const std::size_t tags : outlet.tags)
        BOOST_TEST(tags == notify::parse(line.rest)->tags().size());
}

BOOST_AUTO_TEST_CASE(a_closed_gate_keeps_order_and_descriptors) {
    gate.close();
    take("X_N=1");
    take("READY=1\nFDSTORE=1\nX_N=2", 2);
    gate.take_barrier({}, {}, {});
    take("READY=1");
    take("X_N=3");
    check({"X_N=1", "FDSTORE=1\nX_N=2", "a barrier", "X_N=3"});
    BOOST_TEST(outlet.fds.at(1) == 2u);
}

BOOST_AUTO_TEST_CASE(on_message_may_open_the_gate_and_send_ready_1) {
    gate.close();
    gate.on_message = [this](const notify::Message& message) {
        if (!message.has("READY=1"))
            return;
        gate.open();
        gate.say({"READY=1", "STATUS=by us"});
    };
    take("STATUS=up\nREADY=1");
    gate.take_barrier({}, {}, {});
    // Our messages must come before the barrier, because its release shows that they were
    // processed.
    check({"STATUS=up", "READY=1\nSTATUS=by us", "a barrier"});
    BOOST_TEST(outlet.senders.at(1) == ::getpid());
    BOOST_TEST((status.state.phase == notify::Phase::ready));
}

BOOST_AUTO_TEST_CASE(a_ready_1_that_opens_the_gate_passes_unchanged) {
    gate.close();
    int asked = 0;
    gate.on_ready_said = [&] {
        if (++asked == 2)
            gate.open();
    };
    take("READY=1\nSTATUS=a");
    take("STATUS=b\nREADY=1\nX_A=1");
    take("READY=1");
    check({"STATUS=a", "STATUS=b\nREADY=1\nX_A=1", "READY=1"});
    BOOST_TEST(asked == 2);
    BOOST_TEST(outlet.senders.at(1) == 1);
}

BOOST_AUTO_TEST_CASE(ready_1_ends_a_reload_after_the_gate_has_opened) {
    gate.close();
    gate.open();
    gate.say({"READY=1"});
    take("RELOADING=1");
    BOOST_TEST((status.state.phase == notify::Phase::reloading));
    take("READY=1");
    check({"READY=1", "RELOADING=1", "READY=1"});
    BOOST_TEST((status.state.phase == notify::Phase::ready));
}

BOOST_AUTO_TEST_CASE(passed_messages_are_folded_into_the_status) {
    take("READY=1\nSTATUS=up");
    take("WATCHDOG=1");
    BOOST_TEST((status.state.phase == notify::Phase::ready));
    BOOST_TEST(status.state.facts.at(notify::Key::status) == "up");
    BOOST_TEST(status.state.last_watchdog.monotonic != 0u);
}

BOOST_AUTO_TEST_CASE(a_text_that_wrap_sends_stays_one_assignment) {
    gate.say({"STATUS=a\nMAINPID=1\\", "X_A=1"});
    check({"STATUS=a\\\nMAINPID=1\\\\\nX_A=1"});
    BOOST_TEST(outlet.settled == 1u);
    BOOST_TEST(status.state.facts.at(notify::Key::status) == "a\nMAINPID=1\\");
}

BOOST_AUTO_TEST_CASE(wrap_sends_no_message_without_assignments) {
    gate.say({});
    BOOST_TEST(outlet.taken.empty());
}

BOOST_AUTO_TEST_CASE(a_text_that_is_not_utf8_may_be_cut_between_any_bytes) {
    gate.say({"STATUS=" + std::string(1000, '\xff')});
    BOOST_TEST(outlet.taken.at(0) == "STATUS=" + std::string(593, '\xff') + "...");
}

BOOST_AUTO_TEST_CASE(messages_that_wrap_sends_fit_into_a_datagram) {
    gate.say({"READY=1", "STATUS=" + std::string(100'000, '\\')});
    std::string umlauts = "STATUS=";
    for (int count = 0; count < 5000; ++count)
        umlauts += "\xC3\xA4";
    gate.say({umlauts});
    BOOST_TEST_REQUIRE(outlet.taken.size() == 2u);
    for (const std::string& text : outlet.taken)
        BOOST_TEST(text.size() < notify::longest_datagram);
    BOOST_TEST(outlet.taken.back().ends_with("\xC3\xA4..."));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wrap
