#pragma once

#include <string>
#include <string_view>

namespace notifybridge::runtime {

/// Returns the address of the context `name`, or of the current context if `name` is empty. Reads
/// docker's files in `directory`. Returns an empty text for the default context of this machine,
/// and for a context that the files do not contain.
std::string address_of_context(const std::string& directory, std::string_view name);

}  // namespace notifybridge::runtime
