#pragma once

#include <string>

#include "base/system/file.hpp"

/// The file that this process runs. Each throws Refusal.
namespace notifybridge::runtime {

system::FileIdentity own_identity();

/// Its path, by which it can be mounted and linked to. It may have been replaced since we were
/// started.
std::string own_path();

}  // namespace notifybridge::runtime
