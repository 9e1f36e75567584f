#include "init/files/unit/load_state.hpp"

#include <array>

namespace notifybridge::unit {

std::string_view to_string(LoadState state) noexcept {
    static constexpr auto words =
        std::to_array<std::string_view>({"loaded", "not-found", "masked", "bad-setting", "error"});
    return words[static_cast<std::size_t>(state)];
}

}  // namespace notifybridge::unit
