#include "init/daemon/make_unit.hpp"

#include "init/manager/foreign.hpp"
#include "init/unit_types/service.hpp"
#include "init/unit_types/socket.hpp"
#include "init/unit_types/target.hpp"

namespace notifybridge::daemon {

std::unique_ptr<manager::Unit> make_unit(manager::Engine& engine, load::LoadedUnit loaded) {
    switch (loaded.id.type()) {
        case unit::UnitType::service:
            return std::make_unique<unit_types::Service>(engine, std::move(loaded));
        case unit::UnitType::socket:
            return std::make_unique<unit_types::Socket>(engine, std::move(loaded));
        case unit::UnitType::target:
            return std::make_unique<unit_types::Target>(engine, std::move(loaded));
        default:
            return std::make_unique<manager::Foreign>(engine, std::move(loaded));
    }
}

}  // namespace notifybridge::daemon
