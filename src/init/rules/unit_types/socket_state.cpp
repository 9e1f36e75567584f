#include "init/rules/unit_types/socket_state.hpp"

#include <array>

#include "base/util/literal.hpp"

namespace notifybridge::unit_types {
namespace socket_rows {

using enum manager::ActiveState;

struct Row {
    util::Literal name;
    manager::ActiveState active;
    bool has_control;
    bool is_open;
};

constexpr bool yes = true;
constexpr bool no = false;

// The rows are in the order of the enumeration.
constexpr auto rows = std::to_array<Row>({
    {"dead", inactive, no, no},
    {"start-pre", activating, yes, no},
    {"start-chown", activating, yes, yes},
    {"start-post", activating, yes, yes},
    {"listening", active, no, yes},
    {"running", active, no, yes},
    {"stop-pre", deactivating, yes, yes},
    {"stop-pre-sigterm", deactivating, yes, yes},
    {"stop-pre-sigkill", deactivating, yes, yes},
    {"stop-post", deactivating, yes, no},
    {"final-sigterm", deactivating, yes, no},
    {"final-sigkill", deactivating, yes, no},
    {"failed", failed, no, no},
});

static_assert(rows.size() == static_cast<std::size_t>(SocketState::failed) + 1);

const Row& row(SocketState state) noexcept {
    return rows[static_cast<std::size_t>(state)];
}

}  // namespace socket_rows

std::string_view to_string(SocketState state) noexcept {
    return socket_rows::row(state).name;
}

manager::ActiveState active_state(SocketState state) noexcept {
    return socket_rows::row(state).active;
}

bool has_control(SocketState state) noexcept {
    return socket_rows::row(state).has_control;
}

bool is_open(SocketState state) noexcept {
    return socket_rows::row(state).is_open;
}

}  // namespace notifybridge::unit_types
