#include "init/rules/unit_types/socket_state.hpp"

#include <boost/test/unit_test.hpp>
#include <functional>
#include <set>

namespace notifybridge::unit_types {
namespace {

using SocketStates = std::set<SocketState>;

SocketStates socket_states_for(const std::function<bool(SocketState)>& is_it) {
    SocketStates found;
    for (int at = 0; at <= static_cast<int>(SocketState::failed); ++at)
        if (is_it(static_cast<SocketState>(at)))
            found.insert(static_cast<SocketState>(at));
    return found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(socket_state)

BOOST_AUTO_TEST_CASE(states_of_a_socket_are_named_as_in_systemd) {
    BOOST_TEST(to_string(SocketState::start_chown) == "start-chown");
    BOOST_TEST(to_string(SocketState::stop_pre_sigterm) == "stop-pre-sigterm");
    BOOST_TEST(to_string(SocketState::failed) == "failed");
}

BOOST_AUTO_TEST_CASE(socket_states_without_a_command_have_no_timeout) {
    BOOST_TEST((socket_states_for([](SocketState state) { return !has_control(state); })
                == SocketStates{SocketState::dead, SocketState::listening, SocketState::running,
                                SocketState::failed}));
}

BOOST_AUTO_TEST_CASE(sockets_are_closed_before_stop_post) {
    BOOST_TEST((socket_states_for(is_open)
                == SocketStates{SocketState::start_chown, SocketState::start_post,
                                SocketState::listening, SocketState::running, SocketState::stop_pre,
                                SocketState::stop_pre_sigterm, SocketState::stop_pre_sigkill}));
}

BOOST_AUTO_TEST_CASE(a_socket_is_active_while_it_listens_or_runs) {
    BOOST_TEST((socket_states_for([](SocketState state) {
                    return active_state(state) == manager::ActiveState::active;
                })
                == SocketStates{SocketState::listening, SocketState::running}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::unit_types
