#pragma once

#include <string>

#include "base/system/file.hpp"

/// Identifies the file that this process executes. Each function throws Refusal on failure.
namespace notifybridge::runtime {

system::FileIdentity own_identity();

/// Returns the path of the file, for a mount or a link. Throws Refusal if the file was replaced
/// after our start.
std::string own_path();

}  // namespace notifybridge::runtime
