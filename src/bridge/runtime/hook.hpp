#pragma once

#include <string>
#include <string_view>

/// A hook of podman's stage precreate (oci-hooks(5)) that calls `runtime --filter`.
namespace notifybridge::runtime {

/// The file's name in its directory.
inline constexpr const char* hook_name = "notifybridge.json";

/// Returns the text of a hook that calls `executable`.
std::string hook_text(std::string_view executable);

/// Returns the path of the program that the hook in `text` calls, or an empty string if `text` is
/// not a hook.
std::string program_of_hook(std::string_view text);

}  // namespace notifybridge::runtime
