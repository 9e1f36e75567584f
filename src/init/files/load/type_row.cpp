#include "init/files/load/type_row.hpp"

#include <algorithm>
#include <array>

#include "init/files/load/honoured_types.hpp"

namespace notifybridge::load {
namespace {

struct HonouredType {
    unit::UnitType type;
    TypeRow row;
};

// The sections that a file of an unsupported type may have. We read [Unit] and [Install], and skip
// the lines of the other sections.
constexpr auto sections_of_others = std::to_array<std::string_view>(
    {"Unit", "Install", "Mount", "Automount", "Swap", "Slice", "Scope"});

}  // namespace

const TypeRow& type_row(unit::UnitType type) {
    static const auto honoured = std::to_array<HonouredType>({
        {unit::UnitType::path, path_row()},
        {unit::UnitType::service, service_row()},
        {unit::UnitType::socket, socket_row()},
        {unit::UnitType::target, target_row()},
        {unit::UnitType::timer, timer_row()},
    });
    static const TypeRow other = {.sections = sections_of_others};
    const auto found = std::ranges::find(honoured, type, &HonouredType::type);
    return found == honoured.end() ? other : found->row;
}

}  // namespace notifybridge::load
