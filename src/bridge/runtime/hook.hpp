#pragma once

#include <string>
#include <string_view>

/// Writes and reads hooks for podman's stage precreate (oci-hooks(5)) that call `runtime --filter`.
namespace notifybridge::runtime {

/// The name of the hook's file.
inline constexpr const char* hook_name = "notifybridge.json";

/// Returns the text of a hook that calls `executable`.
std::string hook_text(std::string_view executable);

/// Returns the path of the program that the hook in `text` calls. Returns an empty string if `text`
/// is not a hook.
std::string program_of_hook(std::string_view text);

}  // namespace notifybridge::runtime
