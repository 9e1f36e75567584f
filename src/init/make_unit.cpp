#include "init/make_unit.hpp"

#include "manager/foreign.hpp"
#include "manager/service.hpp"
#include "manager/socket.hpp"
#include "manager/target.hpp"

namespace notifybridge::init {

std::unique_ptr<manager::Unit> make_unit(manager::Engine& engine, unit::LoadedUnit loaded) {
    switch (loaded.id.type()) {
        case unit::UnitType::service:
            return std::make_unique<manager::Service>(engine, std::move(loaded));
        case unit::UnitType::socket:
            return std::make_unique<manager::Socket>(engine, std::move(loaded));
        case unit::UnitType::target:
            return std::make_unique<manager::Target>(engine, std::move(loaded));
        default:
            return std::make_unique<manager::Foreign>(engine, std::move(loaded));
    }
}

}  // namespace notifybridge::init
