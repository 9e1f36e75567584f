#pragma once

#include <string>
#include <string_view>

/// Edits dockerd's daemon.json (dockerd(8), "runtimes"). Keeps all other settings, but not white
/// space.
namespace notifybridge::runtime {

/// The name of our runtime in `docker run --runtime=`.
inline constexpr const char* docker_runtime = "notifybridge";

/// The settings file of the machine's dockerd.
inline constexpr const char* docker_settings = "/etc/docker/daemon.json";

/// Whose dockerd it is.
enum class DockerOwner {
    machine,  ///< The dockerd of the machine, as root.
    user,     ///< A dockerd that a user runs, in rootless mode.
};

/// Returns the command that adds our runtime to this dockerd, in backticks.
std::string_view configure_command(DockerOwner owner);

/// Returns the command that makes this dockerd read its settings again, in backticks.
std::string_view reload_command(DockerOwner owner);

/// Adds our runtime, with the file `executable`, to `text`, which may be empty. If `text` already
/// has our runtime, keeps its arguments, which name the real runtime. Otherwise, our runtime will
/// call the default runtime, or runc. Throws Refusal if `text` is not a JSON object.
std::string configure_docker(std::string_view text, std::string_view executable);

/// Removes our runtime from "runtimes" and "default-runtime" in `text`. Returns an empty text if no
/// other settings are left.
std::string unconfigure_docker(std::string_view text);

/// Returns whether `text` has our runtime. Returns false if `text` cannot be parsed.
bool docker_is_configured(std::string_view text);

/// Returns the path of our runtime in `text`. Returns an empty string if `text` does not have our
/// runtime.
std::string docker_runtime_path(std::string_view text);

}  // namespace notifybridge::runtime
