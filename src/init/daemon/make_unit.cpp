#include "init/daemon/make_unit.hpp"

#include <algorithm>
#include <array>

#include "init/rules/manager/unsupported_unit.hpp"
#include "init/rules/unit_types/path.hpp"
#include "init/rules/unit_types/service.hpp"
#include "init/rules/unit_types/socket.hpp"
#include "init/rules/unit_types/target.hpp"
#include "init/rules/unit_types/timer.hpp"

namespace notifybridge::daemon {
namespace {

using MadeUnit = std::unique_ptr<manager::Unit>;

MadeUnit make_path(manager::Engine& engine, perform::Host& host, load::LoadedUnit loaded) {
    return std::make_unique<unit_types::Path>(engine, host.paths, std::move(loaded));
}

MadeUnit make_service(manager::Engine& engine, perform::Host& host, load::LoadedUnit loaded) {
    return std::make_unique<unit_types::Service>(engine, host.processes, host.descriptors,
                                                 std::move(loaded));
}

MadeUnit make_socket(manager::Engine& engine, perform::Host& host, load::LoadedUnit loaded) {
    return std::make_unique<unit_types::Socket>(engine, host.processes, host.sockets,
                                                std::move(loaded));
}

MadeUnit make_target(manager::Engine& engine, perform::Host&, load::LoadedUnit loaded) {
    return std::make_unique<unit_types::Target>(engine, std::move(loaded));
}

MadeUnit make_timer(manager::Engine& engine, perform::Host& host, load::LoadedUnit loaded) {
    return std::make_unique<unit_types::Timer>(engine, host.timers, std::move(loaded));
}

struct Maker {
    unit::UnitType type;
    MadeUnit (*make)(manager::Engine& engine, perform::Host& host, load::LoadedUnit loaded);
};

constexpr auto makers = std::to_array<Maker>({
    {unit::UnitType::path, make_path},
    {unit::UnitType::service, make_service},
    {unit::UnitType::socket, make_socket},
    {unit::UnitType::target, make_target},
    {unit::UnitType::timer, make_timer},
});

}  // namespace

std::unique_ptr<manager::Unit> make_unit(manager::Engine& engine, perform::Host& host,
                                         load::LoadedUnit loaded) {
    const auto found = std::ranges::find(makers, loaded.id.type(), &Maker::type);
    if (found == makers.end())
        return std::make_unique<manager::UnsupportedUnit>(engine, std::move(loaded));
    return found->make(engine, host, std::move(loaded));
}

}  // namespace notifybridge::daemon
