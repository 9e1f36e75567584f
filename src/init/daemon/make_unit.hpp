#pragma once

#include <memory>

#include "init/manager/engine.hpp"

namespace notifybridge::daemon {

/// The unit of its type; one that is never up where the type is not honoured.
std::unique_ptr<manager::Unit> make_unit(manager::Engine& engine, load::LoadedUnit loaded);

}  // namespace notifybridge::daemon
