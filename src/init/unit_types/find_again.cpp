#include "init/unit_types/find_again.hpp"

#include <algorithm>

namespace notifybridge::unit_types {

std::optional<std::size_t> find_again(const unit::Commands& before, std::size_t index,
                                      const unit::Commands& now) {
    const unit::Command& sought = before[index];
    const auto is_it = [&sought](const unit::Command& command) {
        return command.path == sought.path && command.argv == sought.argv;
    };
    if (index < now.size() && is_it(now[index]))
        return index;
    const auto found = std::find_if(now.begin(), now.end(), is_it);
    if (found == now.end())
        return std::nullopt;
    return static_cast<std::size_t>(found - now.begin());
}

}  // namespace notifybridge::unit_types
