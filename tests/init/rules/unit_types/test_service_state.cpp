#include "init/rules/unit_types/service_state.hpp"

#include <boost/test/unit_test.hpp>
#include <functional>
#include <set>

namespace notifybridge::unit_types {
namespace {

using State = ServiceState;
using States = std::set<State>;

const States starting = {State::condition, State::start_pre, State::start, State::start_post};
const States reloading = {State::reload, State::reload_signal, State::reload_notify};
const States stop_signals = {State::stop_watchdog, State::stop_sigterm, State::stop_sigkill};
const States final_signals = {State::final_watchdog, State::final_sigterm, State::final_sigkill};
const States at_rest = {State::dead, State::failed, State::exited};

States states_for(const std::function<bool(State)>& is_it) {
    States found;
    for (int at = 0; at <= static_cast<int>(State::auto_restart); ++at)
        if (is_it(static_cast<State>(at)))
            found.insert(static_cast<State>(at));
    return found;
}

States operator+(States one, const States& other) {
    one.insert(other.begin(), other.end());
    return one;
}

const States stopping = States{State::stop, State::stop_post} + stop_signals + final_signals;

}  // namespace

BOOST_AUTO_TEST_SUITE(service_state)

BOOST_AUTO_TEST_CASE(states_of_a_service_are_named_as_in_systemd) {
    BOOST_TEST(to_string(State::start_pre) == "start-pre");
    BOOST_TEST(to_string(State::final_sigkill) == "final-sigkill");
    BOOST_TEST(to_string(State::auto_restart) == "auto-restart");
}

BOOST_AUTO_TEST_CASE(service_states_are_grouped_by_start_reload_and_stop) {
    BOOST_TEST((states_for(is_starting) == starting));
    BOOST_TEST((states_for(is_reloading) == reloading));
    BOOST_TEST((states_for(is_stop_signal) == stop_signals));
    BOOST_TEST((states_for(is_final_signal) == final_signals));
    BOOST_TEST((states_for(is_stopping) == stopping));
}

BOOST_AUTO_TEST_CASE(a_service_state_at_rest_has_no_process_and_no_timeout) {
    for (const State state : at_rest) {
        BOOST_TEST_INFO(to_string(state));
        BOOST_TEST(!may_time_out(state));
        BOOST_TEST(!may_have_main(state));
        BOOST_TEST(!may_have_control(state));
        BOOST_TEST(!may_have_connection(state));
    }
}

BOOST_AUTO_TEST_CASE(the_watchdog_runs_while_the_service_is_up) {
    BOOST_TEST((states_for(is_watched) == States{State::start_post, State::running} + reloading));
}

BOOST_AUTO_TEST_CASE(a_starting_service_of_type_idle_is_active) {
    using unit::ServiceType;
    BOOST_TEST((active_state(State::start, ServiceType::idle) == manager::ActiveState::active));
    BOOST_TEST(
        (active_state(State::start, ServiceType::simple) == manager::ActiveState::activating));
    BOOST_TEST(
        (active_state(State::stop, ServiceType::idle) == manager::ActiveState::deactivating));
}

BOOST_AUTO_TEST_CASE(the_state_of_a_service_decides_its_use_of_sockets) {
    using manager::SocketUse;
    const auto states_with = [](SocketUse use) {
        return states_for([=](State state) { return socket_use(state) == use; });
    };
    BOOST_TEST(
        (states_with(SocketUse::none) == States{State::dead, State::failed, State::auto_restart}));
    BOOST_TEST(
        (states_with(SocketUse::released) == States{State::final_sigterm, State::final_sigkill}));
    BOOST_TEST((states_with(SocketUse::running) == States{State::running}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::unit_types
