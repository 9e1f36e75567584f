#pragma once

#include <string>
#include <string_view>

namespace notifybridge::runtime {

/// Returns the address of the context `name`, or of the current context if `name` is empty. Reads
/// docker's files in `directory`. Returns an empty text for this machine's default, and if the
/// files do not contain the context.
std::string address_of_context(const std::string& directory, std::string_view name);

}  // namespace notifybridge::runtime
