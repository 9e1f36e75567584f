#pragma once

#include <boost/json/value.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Turns health checks, as docker and podman write them, into options of `wrap`.
namespace notifybridge::runtime {

/// The option of `wrap` without a health check, and that of docker and podman.
inline constexpr std::string_view no_health_check = "--no-healthcheck";

/// Returns the options of `wrap` for the health check in the configuration of an image or of a
/// docker container, an object with the members Healthcheck and Shell. Returns --no-healthcheck if
/// it says NONE, and nothing if it has no health check. Throws Refusal if there is a check without
/// a command, or if a member has another type than docker and podman write.
std::vector<std::string> health_words(const boost::json::value& config);

/// Returns whether `wrap` with these options runs a health check if there is one. It does not with
/// --no-healthcheck, --health=ignore, or probes that are not "healthy".
bool uses_health_check(std::span<const std::string> wrap_options);

/// Returns whether these options of `wrap` say what the health check runs: --health-cmd.
bool has_health_command(std::span<const std::string> wrap_options);

/// Returns those of these options of `wrap` that are about the health check.
std::vector<std::string> health_options_of(std::span<const std::string> wrap_options);

/// Returns whether these options of `wrap` include --health=`use`.
bool says_health(std::span<const std::string> wrap_options, std::string_view use);

}  // namespace notifybridge::runtime
