#pragma once

#include <string>
#include <string_view>

/// dockerd's daemon.json (dockerd(8), "runtimes"): what is there stays, but for its white space.
namespace notifybridge::runtime {

/// What `docker run --runtime=` calls us.
inline constexpr const char* docker_runtime = "notifybridge";

/// Where the settings of the machine's dockerd are.
inline constexpr const char* docker_settings = "/etc/docker/daemon.json";

/// The text with our runtime in it, whose file is `executable`: in front of the default one, or of
/// what it was in front of before. `text` may be empty. Throws Refusal where it is no JSON object.
std::string configure_docker(std::string_view text, std::string_view executable);

/// The text without our runtime, also for a default; empty where nothing else is in it.
std::string unconfigure_docker(std::string_view text);

/// Whether our runtime is in it. What cannot be read has it not.
bool docker_is_configured(std::string_view text);

/// The path that our runtime has in it; empty where there is none.
std::string docker_runtime_path(std::string_view text);

}  // namespace notifybridge::runtime
