#include "init/unit_types/socket_state.hpp"

#include <array>

namespace notifybridge::unit_types {
namespace {

using State = SocketState;
using enum manager::ActiveState;

struct Row {
    State state;
    std::string_view name;
    manager::ActiveState active;
    bool has_control;
    bool is_open;
};

constexpr bool yes = true;
constexpr bool no = false;

// In the order of the enumeration.
constexpr auto rows = std::to_array<Row>({
    {State::dead, "dead", inactive, no, no},
    {State::start_pre, "start-pre", activating, yes, no},
    {State::start_chown, "start-chown", activating, yes, yes},
    {State::start_post, "start-post", activating, yes, yes},
    {State::listening, "listening", active, no, yes},
    {State::running, "running", active, no, yes},
    {State::stop_pre, "stop-pre", deactivating, yes, yes},
    {State::stop_pre_sigterm, "stop-pre-sigterm", deactivating, yes, yes},
    {State::stop_pre_sigkill, "stop-pre-sigkill", deactivating, yes, yes},
    {State::stop_post, "stop-post", deactivating, yes, no},
    {State::final_sigterm, "final-sigterm", deactivating, yes, no},
    {State::final_sigkill, "final-sigkill", deactivating, yes, no},
    {State::failed, "failed", failed, no, no},
});

constexpr bool is_in_order() {
    for (std::size_t at = 0; at < rows.size(); ++at)
        if (rows[at].state != static_cast<State>(at))
            return false;
    return rows.size() == static_cast<std::size_t>(State::failed) + 1;
}
static_assert(is_in_order());

const Row& row(State state) noexcept {
    return rows[static_cast<std::size_t>(state)];
}

}  // namespace

std::string_view to_string(State state) noexcept {
    return row(state).name;
}

manager::ActiveState active_state(State state) noexcept {
    return row(state).active;
}

bool has_control(State state) noexcept {
    return row(state).has_control;
}

bool is_open(State state) noexcept {
    return row(state).is_open;
}

}  // namespace notifybridge::unit_types
