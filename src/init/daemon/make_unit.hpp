#pragma once

#include <memory>

#include "init/load/load.hpp"
#include "init/manager/engine.hpp"
#include "init/perform/host.hpp"

namespace notifybridge::daemon {

/// Creates a unit of the right class. A unit of a type that we do not honour can be named, but
/// never starts.
std::unique_ptr<manager::Unit> make_unit(manager::Engine& engine, perform::Host& host,
                                         load::LoadedUnit loaded);

}  // namespace notifybridge::daemon
