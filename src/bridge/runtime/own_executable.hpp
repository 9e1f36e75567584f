#pragma once

#include <string>

#include "base/system/file.hpp"

/// The file that this process runs. Each function throws Refusal.
namespace notifybridge::runtime {

system::FileIdentity own_identity();

/// Returns the path of the file, to mount it or link to it. Throws Refusal also if the file was
/// replaced since we started.
std::string own_path();

}  // namespace notifybridge::runtime
