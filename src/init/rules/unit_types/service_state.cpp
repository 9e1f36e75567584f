#include "init/rules/unit_types/service_state.hpp"

#include <array>

#include "base/util/literal.hpp"

namespace notifybridge::unit_types {
namespace {

using State = ServiceState;
using enum manager::ActiveState;

struct Row {
    util::Literal name;
    manager::ActiveState active;
    bool may_time_out;
    bool has_main;
    bool has_control;
    bool is_watched;
};

constexpr bool yes = true;
constexpr bool no = false;

// The rows are in the order of the enumeration. The last four columns tell whether the state has a
// time limit, a main process, a control process, and a watchdog.
constexpr auto rows = std::to_array<Row>({
    {"dead", inactive, no, no, no, no},
    {"condition", activating, yes, no, yes, no},
    {"start-pre", activating, yes, no, yes, no},
    {"start", activating, yes, yes, yes, no},
    {"start-post", activating, yes, yes, yes, yes},
    {"running", active, yes, yes, no, yes},
    {"exited", active, no, no, no, no},
    {"reload", reloading, yes, yes, yes, yes},
    {"reload-signal", reloading, yes, yes, yes, yes},
    {"reload-notify", reloading, yes, yes, yes, yes},
    {"stop", deactivating, yes, yes, yes, no},
    {"stop-watchdog", deactivating, yes, yes, yes, no},
    {"stop-sigterm", deactivating, yes, yes, yes, no},
    {"stop-sigkill", deactivating, yes, yes, yes, no},
    {"stop-post", deactivating, yes, yes, yes, no},
    {"final-watchdog", deactivating, yes, yes, yes, no},
    {"final-sigterm", deactivating, yes, yes, yes, no},
    {"final-sigkill", deactivating, yes, yes, yes, no},
    {"failed", failed, no, no, no, no},
    {"auto-restart", activating, yes, no, no, no},
});

static_assert(rows.size() == static_cast<std::size_t>(State::auto_restart) + 1);

const Row& row(State state) noexcept {
    return rows[static_cast<std::size_t>(state)];
}

}  // namespace

std::string_view to_string(State state) noexcept {
    return row(state).name;
}

manager::ActiveState active_state(State state, unit::ServiceType type) noexcept {
    return type == unit::ServiceType::idle && is_starting(state) ? active : row(state).active;
}

manager::SocketUse socket_use(State state) noexcept {
    switch (state) {
        case State::dead:
        case State::failed:
        case State::auto_restart:
            return manager::SocketUse::none;
        case State::final_sigterm:
        case State::final_sigkill:
            return manager::SocketUse::released;
        case State::running:
            return manager::SocketUse::running;
        default:
            return manager::SocketUse::changing;
    }
}

bool may_time_out(State state) noexcept {
    return row(state).may_time_out;
}

bool may_have_main(State state) noexcept {
    return row(state).has_main;
}

bool may_have_control(State state) noexcept {
    return row(state).has_control;
}

bool may_have_connection(State state) noexcept {
    return row(state).has_main || row(state).has_control;
}

bool is_watched(State state) noexcept {
    return row(state).is_watched;
}

bool is_starting(State state) noexcept {
    return state >= State::condition && state <= State::start_post;
}

bool is_reloading(State state) noexcept {
    return row(state).active == reloading;
}

bool is_stopping(State state) noexcept {
    return row(state).active == deactivating;
}

bool is_stop_signal(State state) noexcept {
    return state >= State::stop_watchdog && state <= State::stop_sigkill;
}

bool is_final_signal(State state) noexcept {
    return state >= State::final_watchdog && state <= State::final_sigkill;
}

}  // namespace notifybridge::unit_types
