#pragma once

#include <string>
#include <string_view>

namespace notifybridge::runtime {

/// Returns the address of the context `name`, or of the current one if `name` is empty. Reads
/// docker's own files in `directory`. Returns an empty string for this machine's default, and if
/// the files do not tell.
std::string address_of_context(const std::string& directory, std::string_view name);

}  // namespace notifybridge::runtime
