#pragma once

#include <string>
#include <string_view>

/// Edits dockerd's daemon.json (dockerd(8), "runtimes"). All other settings stay; white space does
/// not.
namespace notifybridge::runtime {

/// The name of our runtime in `docker run --runtime=`.
inline constexpr const char* docker_runtime = "notifybridge";

/// The settings file of the machine's dockerd.
inline constexpr const char* docker_settings = "/etc/docker/daemon.json";

/// Adds our runtime, with the file `executable`, to `text`. It calls the default runtime, or the
/// same real runtime as before. `text` may be empty. Throws Refusal if it is not a JSON object.
std::string configure_docker(std::string_view text, std::string_view executable);

/// Removes our runtime from `text`, and from the default. Returns an empty string if nothing else
/// is left.
std::string unconfigure_docker(std::string_view text);

/// Returns whether `text` has our runtime; false if it cannot be parsed.
bool docker_is_configured(std::string_view text);

/// Returns the path of our runtime in `text`, or an empty string if there is none.
std::string docker_runtime_path(std::string_view text);

}  // namespace notifybridge::runtime
