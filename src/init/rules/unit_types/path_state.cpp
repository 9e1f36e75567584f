#include "init/rules/unit_types/path_state.hpp"

#include <array>

#include "base/util/literal.hpp"

namespace notifybridge::unit_types {
namespace path_rows {

using enum manager::ActiveState;

struct Row {
    util::Literal name;
    manager::ActiveState active;
};

// The rows are in the order of the enumeration.
constexpr auto rows = std::to_array<Row>({
    {"dead", inactive},
    {"waiting", active},
    {"running", active},
    {"failed", failed},
});

static_assert(rows.size() == static_cast<std::size_t>(PathState::failed) + 1);

}  // namespace path_rows

std::string_view to_string(PathState state) noexcept {
    return path_rows::rows[static_cast<std::size_t>(state)].name;
}

manager::ActiveState active_state(PathState state) noexcept {
    return path_rows::rows[static_cast<std::size_t>(state)].active;
}

}  // namespace notifybridge::unit_types
