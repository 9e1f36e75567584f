#pragma once

#include <memory>

#include "init/files/load/load.hpp"
#include "init/hands/perform/host.hpp"
#include "init/rules/manager/engine.hpp"

namespace notifybridge::daemon {

/// Creates a unit of the class for its type. If we do not support the type, other units can name
/// the unit, but the unit never starts.
std::unique_ptr<manager::Unit> make_unit(manager::Engine& engine, perform::Host& host,
                                         load::LoadedUnit loaded);

}  // namespace notifybridge::daemon
