#include "bridge/channel/state_text.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

#include "bridge/channel/print.hpp"

namespace notifybridge::channel {
namespace {

std::string text_of(const notify::State& state) {
    util::KeyValueWriter out;
    write_state(state, out);
    return out.text();
}

notify::State some_state(notify::Phase phase) {
    notify::State state;
    state.phase = phase;
    state.since = {1'700'000'000'000'000, 12};
    state.last_watchdog = {1'700'000'000'000'001, 13};
    return state;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(state_text)

BOOST_AUTO_TEST_CASE(each_phase_of_a_state_round_trips_with_its_times) {
    using notify::Phase;
    for (const Phase phase : {Phase::starting, Phase::ready, Phase::reloading, Phase::stopping})
        BOOST_TEST(parse_state(text_of(some_state(phase))) == some_state(phase));
}

BOOST_AUTO_TEST_CASE(each_fact_of_a_state_round_trips) {
    notify::State state = some_state(notify::Phase::ready);
    for (int at = 0; at < static_cast<int>(notify::Key::unknown); ++at)
        if (const auto key = static_cast<notify::Key>(at); notify::is_fact(key))
            state.facts[key] = "value\n" + std::to_string(at);
    BOOST_TEST(parse_state(text_of(state)) == state);
}

BOOST_AUTO_TEST_CASE(a_state_line_with_another_key_is_refused) {
    notify::State state;
    BOOST_TEST(!read_state_line(state, "PID", "1"));
    BOOST_TEST(!read_state_line(state, "READY", "1"));
    BOOST_TEST(!read_state_line(state, "X_", "1"));
    BOOST_TEST(state == notify::State{});
}

BOOST_AUTO_TEST_CASE(an_invalid_state_text_gives_the_initial_state) {
    BOOST_TEST(parse_state("STATE=nowhere\nSTATE_SINCE_USEC=x\n\\\n=\n") == notify::State{});
}

BOOST_AUTO_TEST_CASE(the_longest_state_fits_into_a_record) {
    notify::State state = some_state(notify::Phase::reloading);
    const auto say = [&](std::string_view datagram) {
        notify::fold(state, *notify::parse(datagram), {1, 1});
    };
    // Each of these bytes is written as \xNN, which gives the longest possible text.
    say("STATUS=" + std::string(notify::longest_datagram - 7, '\x01'));
    for (const char* const key : {"BUSERROR=", "VARLINKERROR="})
        say(key + std::string(notify::longest_datagram - 13, 'x'));
    say("EXIT_STATUS=" + std::string(255, '\x01'));
    say("ERRNO=4095\nMAINPID=2147483647");
    for (const char* const key : {"WATCHDOG_USEC=", "MONOTONIC_USEC="})
        say(std::string(key) + "18446744073709551615");
    BOOST_TEST(state.facts.size() == notify::fact_keys.size());
    BOOST_TEST(text_of(state).size() <= longest_payload);
    BOOST_TEST(parse_state(text_of(state)) == state);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::channel
