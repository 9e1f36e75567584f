#pragma once

#include <string>
#include <string_view>

namespace notifybridge::runtime {

/// The address of the context `name`, or of the one in use where that is empty, by docker's own
/// files in `directory`; "" where it is this machine's default, and where they do not tell.
std::string address_of_context(const std::string& directory, std::string_view name);

}  // namespace notifybridge::runtime
