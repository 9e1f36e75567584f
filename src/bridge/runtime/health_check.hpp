#pragma once

#include <boost/json/value.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Converts health checks, as docker and podman write them, to options of `wrap`.
namespace notifybridge::runtime {

/// The option of `wrap`, docker and podman that switches the health check off.
inline constexpr std::string_view no_health_check = "--no-healthcheck";

/// Returns the options of `wrap` for the health check in the configuration of an image or of a
/// docker container. The configuration is an object with the members Healthcheck and Shell. Returns
/// --no-healthcheck for NONE, and nothing if `config` has no check. Throws Refusal if a check
/// has no command, or if a member has a type that docker and podman never write.
std::vector<std::string> health_words(const boost::json::value& config);

/// Returns whether `wrap` would run a health check with these options. Returns false for
/// --no-healthcheck, for --health=ignore, and if there are probes but none is "healthy".
bool uses_health_check(std::span<const std::string> wrap_options);

/// Returns whether these options of `wrap` include --health-cmd, the command of the health check.
bool has_health_command(std::span<const std::string> wrap_options);

/// Returns only those options of `wrap` that are about the health check.
std::vector<std::string> health_options_of(std::span<const std::string> wrap_options);

/// Returns whether these options of `wrap` include --health=`use`.
bool has_health_option(std::span<const std::string> wrap_options, std::string_view use);

}  // namespace notifybridge::runtime
