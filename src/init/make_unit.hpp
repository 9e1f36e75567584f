#pragma once

#include <memory>

#include "manager/engine.hpp"

namespace notifybridge::init {

/// The unit of its type; one that is never up where the type is not honoured.
std::unique_ptr<manager::Unit> make_unit(manager::Engine& engine, unit::LoadedUnit loaded);

}  // namespace notifybridge::init
