#include "base/notify/state.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <initializer_list>
#include <ostream>
#include <string>
#include <vector>

#include "base/notify/print.hpp"

namespace notifybridge::notify {
namespace {

using Texts = std::vector<std::string>;

/// Returns the state after these datagrams. Datagram n arrives after n milliseconds.
State folded(const Texts& datagrams) {
    State state;
    std::uint64_t time = 0;
    for (const std::string& datagram : datagrams) {
        time += 1000;
        const auto message = parse(datagram);
        BOOST_TEST_REQUIRE(message.has_value());
        fold(state, *message, {time + 1'000'000'000, time});
    }
    return state;
}

/// Returns the state of a reader that starts late, and receives only the datagrams for `state`.
State told_late(const State& state) {
    State late;
    for (const std::string& datagram : to_datagrams(state)) {
        BOOST_TEST(datagram.size() <= longest_datagram);
        const auto message = parse(datagram);
        BOOST_TEST_REQUIRE(message.has_value());
        fold(late, *message, state.since);
    }
    return late;
}

struct History {
    Texts datagrams;
    Phase phase;

    friend std::ostream& operator<<(std::ostream& out, const History& history) {
        for (const std::string& datagram : history.datagrams)
            out << util::quote(datagram) << ' ';
        return out;
    }
};

const History histories[] = {
    {{}, Phase::starting},
    {{"STATUS=x"}, Phase::starting},
    {{"READY=0"}, Phase::starting},
    {{"READY=1"}, Phase::ready},
    {{"READY=1", "READY=1"}, Phase::ready},
    {{"RELOADING=1"}, Phase::starting},
    {{"READY=1", "RELOADING=1"}, Phase::reloading},
    {{"READY=1", "RELOADING=1", "READY=1"}, Phase::ready},
    {{"READY=1", "RELOADING=1\nREADY=1"}, Phase::ready},
    {{"STOPPING=1"}, Phase::stopping},
    {{"READY=1\nSTOPPING=1"}, Phase::stopping},
    {{"RELOADING=1\nREADY=1\nSTOPPING=1"}, Phase::stopping},
    {{"READY=1", "STOPPING=1", "READY=1"}, Phase::stopping},
    {{"READY=1", "STOPPING=1", "RELOADING=1"}, Phase::stopping},
};

/// After each of these histories, a reader that starts late must get the same state.
const History to_be_told[] = {
    {{"READY=1"}, Phase::ready},
    {{"READY=1\nSTATUS=up and running"}, Phase::ready},
    {{"STATUS=almost"}, Phase::starting},
    {{"READY=1", "RELOADING=1\nMONOTONIC_USEC=77"}, Phase::reloading},
    {{"STOPPING=1\nSTATUS=bye\nEXIT_STATUS=3"}, Phase::stopping},
    {{"READY=1\nERRNO=2\nBUSERROR=a.b\nVARLINKERROR=c.d\nWATCHDOG_USEC=5\nMAINPID=12"},
     Phase::ready},
    {{"STATUS=two\\\nlines\\\\ and more\nREADY=1"}, Phase::ready},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(state)

BOOST_DATA_TEST_CASE(messages_decide_the_phase_of_a_service, histories, history) {
    BOOST_TEST(folded(history.datagrams).phase == history.phase);
}

BOOST_AUTO_TEST_CASE(a_repeated_phase_keeps_its_start_time) {
    BOOST_TEST(folded({"READY=1", "STATUS=x", "READY=1"}).since.monotonic == 1000u);
    BOOST_TEST(folded({"READY=1", "RELOADING=1", "READY=1"}).since.monotonic == 3000u);
    BOOST_TEST(folded({"READY=1", "STOPPING=1", "READY=1"}).since.monotonic == 2000u);
}

BOOST_AUTO_TEST_CASE(a_fact_lasts_until_its_key_is_set_again) {
    const State state = folded({"STATUS=a\nERRNO=1", "STATUS=b", "READY=1"});
    BOOST_TEST(state.facts.at(Key::status) == "b");
    BOOST_TEST(state.facts.at(Key::errno_) == "1");
}

BOOST_AUTO_TEST_CASE(the_value_of_the_first_of_two_equal_keys_is_kept) {
    BOOST_TEST(folded({"STATUS=first\nSTATUS=second"}).facts.at(Key::status) == "first");
}

BOOST_AUTO_TEST_CASE(an_invalid_first_value_hides_the_second_value) {
    BOOST_TEST(folded({"ERRNO=5", "ERRNO=x\nERRNO=6"}).facts.at(Key::errno_) == "5");
    BOOST_TEST(folded({"WATCHDOG=\nWATCHDOG=1"}).last_watchdog.monotonic == 0u);
    BOOST_TEST(folded({"WATCHDOG=1\nWATCHDOG=trigger"}).last_watchdog.monotonic == 1000u);
}

BOOST_AUTO_TEST_CASE(an_invalid_value_keeps_the_previous_value) {
    const State state = folded({"ERRNO=5\nWATCHDOG_USEC=7\nMAINPID=12\nBUSERROR=a.b",
                                "ERRNO=x\nWATCHDOG_USEC=7s\nMAINPID=0\nBUSERROR=\""});
    BOOST_TEST(to_datagrams(state) == Texts{"ERRNO=5\nBUSERROR=a.b\nMAINPID=12\nWATCHDOG_USEC=7"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_reload_with_an_invalid_time_has_no_time) {
    const State state = folded({"READY=1", "RELOADING=1\nMONOTONIC_USEC=now"});
    BOOST_TEST(to_datagrams(state) == Texts{"RELOADING=1"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_empty_status_clears_the_previous_status) {
    BOOST_TEST(folded({"STATUS=a", "STATUS="}).facts.empty());
    BOOST_TEST(folded({"STATUS=a", "STATUS=\nSTATUS=b"}).facts.empty());
}

BOOST_AUTO_TEST_CASE(an_invalid_status_clears_the_previous_status) {
    BOOST_TEST(folded({"STATUS=a", "STATUS=\xFF"}).facts.empty());
}

BOOST_AUTO_TEST_CASE(events_are_not_kept_in_the_state) {
    const State state =
        folded({"WATCHDOG=1\nEXTEND_TIMEOUT_USEC=5\nX_FOO=1\nNOTIFYACCESS=all\nFDSTORE=1\nY=1"});
    BOOST_TEST(state.facts.empty());
    BOOST_TEST(to_datagrams(state).empty());
}

BOOST_AUTO_TEST_CASE(the_time_of_the_last_watchdog_ping_is_kept) {
    BOOST_TEST(folded({"WATCHDOG=1", "WATCHDOG=1", "STATUS=x"}).last_watchdog.monotonic == 2000u);
    BOOST_TEST(folded({"WATCHDOG=trigger"}).last_watchdog.monotonic == 0u);
}

BOOST_AUTO_TEST_CASE(a_reload_does_not_inherit_an_older_time) {
    const State state =
        folded({"READY=1", "RELOADING=1\nMONOTONIC_USEC=77", "READY=1", "RELOADING=1"});
    BOOST_TEST(to_datagrams(state) == Texts{"RELOADING=1"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_state_of_a_silent_service_gives_no_datagrams) {
    BOOST_TEST(to_datagrams(State{}).empty());
}

BOOST_DATA_TEST_CASE(a_reader_that_starts_late_gets_the_same_state, to_be_told, history) {
    const State state = folded(history.datagrams);
    State running;
    // Start from a state in which the message counts: systemd and `fold` ignore a reload of a
    // service that is not running.
    running.phase = history.phase == Phase::reloading ? Phase::ready : Phase::starting;
    const Texts late = to_datagrams(state);
    BOOST_REQUIRE(late.size() == 1u);
    fold(running, *parse(late.front()), state.since);
    BOOST_TEST(running.phase == history.phase);
    BOOST_TEST((running.facts == state.facts));
}

BOOST_AUTO_TEST_CASE(the_time_of_a_finished_reload_is_not_sent) {
    const State state = folded({"READY=1", "RELOADING=1\nMONOTONIC_USEC=77", "READY=1"});
    BOOST_TEST(to_datagrams(state) == Texts{"READY=1"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_long_status_gets_a_separate_datagram) {
    const std::string text(longest_datagram - 7, 's');
    const State state = folded({"READY=1\nERRNO=2", "STATUS=" + text});
    const Texts late = to_datagrams(state);
    BOOST_TEST(late == (Texts{"READY=1\nERRNO=2", "STATUS=" + text}),
               boost::test_tools::per_element());
    BOOST_TEST(told_late(state) == state);
}

BOOST_AUTO_TEST_CASE(the_longest_state_fits_into_valid_datagrams) {
    Texts said = {"READY=1",
                  "STATUS=" + std::string(longest_datagram - 7, 's'),
                  "RELOADING=1",
                  "ERRNO=4095",
                  "MAINPID=2147483647",
                  "EXIT_STATUS=" + escape_assignment(std::string(255, '\\'))};
    for (const char* const key : {"BUSERROR=", "VARLINKERROR="})
        said.push_back(key + std::string(4000, 'x'));
    for (const char* const key : {"WATCHDOG_USEC=", "MONOTONIC_USEC="})
        said.push_back(std::string(key) + "18446744073709551615");
    const State state = folded(said);
    BOOST_TEST((told_late(state).facts == state.facts));
    BOOST_TEST(state.facts.size() == 8u);
}

BOOST_AUTO_TEST_CASE(each_phase_is_found_by_its_name) {
    for (const Phase phase : {Phase::starting, Phase::ready, Phase::reloading, Phase::stopping})
        BOOST_TEST(phase_named(name(phase)).value() == phase);
    BOOST_TEST(!phase_named("dead").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::notify
