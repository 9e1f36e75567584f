#include "init/rules/manager/unit_table.hpp"

#include <algorithm>

namespace notifybridge::manager {

Unit* UnitTable::find(std::string_view name) const {
    const auto found = by_name.find(name);
    return found == by_name.end() ? nullptr : found->second;
}

Unit* UnitTable::find(std::uint64_t serial) const {
    const auto found = by_serial.find(serial);
    return found == by_serial.end() ? nullptr : found->second.get();
}

std::vector<Unit*> UnitTable::list() const {
    std::vector<Unit*> units;
    for (const auto& [name, unit] : by_name)
        if (unit->id() == name)
            units.push_back(unit);
    std::ranges::sort(units, {}, &Unit::id);
    return units;
}

}  // namespace notifybridge::manager
