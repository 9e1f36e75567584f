#include "unit/settings.hpp"

namespace notifybridge::unit {

std::string_view to_string(Dependency dependency) noexcept {
    static constexpr auto names = std::to_array<std::string_view>({
        "Requires",
        "Requisite",
        "Wants",
        "BindsTo",
        "Upholds",
        "Conflicts",
        "Before",
        "After",
        "OnSuccess",
        "OnFailure",
        "PropagatesReloadTo",
        "ReloadPropagatedFrom",
        "PropagatesStopTo",
        "StopPropagatedFrom",
        "PartOf",
        "JoinsNamespaceOf",
    });
    static_assert(names.size() == static_cast<std::size_t>(Dependency::count));
    return names[static_cast<std::size_t>(dependency)];
}

}  // namespace notifybridge::unit
