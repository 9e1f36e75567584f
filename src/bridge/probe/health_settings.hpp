#pragma once

#include <chrono>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// Parses the values of --health-cmd and the related options, which are those of podman-run(1) and
/// of docker's HEALTHCHECK.
namespace notifybridge::probe {

/// A health check: its command, and the times when it runs.
struct HealthSettings {
    std::vector<std::string> command;  ///< The program and its arguments.
    std::chrono::microseconds interval = std::chrono::seconds(30);
    std::chrono::microseconds timeout = std::chrono::seconds(30);
    /// The time after the start in which failures do not count. A success ends this time early.
    std::chrono::microseconds start_period{};
    /// The interval in the start period.
    std::chrono::microseconds start_interval = std::chrono::seconds(5);
    unsigned retries = 3;  ///< The number of failures in a row after which the state is unhealthy.
};

/// The error for a value that is not valid. what() explains what is wrong and what to do.
struct HealthError : std::runtime_error {
    using runtime_error::runtime_error;
};

/// The default shell for command lines: its program and its option.
inline constexpr std::string_view usual_health_shell[] = {"/bin/sh", "-c"};

/// Parses a shell, which is a JSON array of strings. Throws HealthError if `text` is not valid.
std::vector<std::string> parse_health_shell(std::string_view text);

/// Returns the program and its arguments. Returns an empty list if `text` is "none", which means
/// that the container has no check.
///
/// `text` is a command line for `shell`, or a JSON array of strings: the program and its arguments.
/// As in an image's configuration, the array may begin with CMD, CMD-SHELL or NONE. podman also
/// accepts these words before a command line, in upper or lower case. As in podman, an array of one
/// element is a command line. Throws HealthError if there is no command.
std::vector<std::string> parse_health_command(std::string_view text,
                                              std::span<const std::string> shell);

/// Parses a time span, also in Go's format: "1m30s", "500ns". A positive span becomes at least 1
/// ms, docker's limit, and at most 100 years. Throws HealthError if `text` is not valid.
std::chrono::microseconds parse_health_span(std::string_view text);

/// Parses --health-interval. Returns 0 for 0 and for podman's "disable", which mean that no checks
/// run. Throws HealthError if `text` is not valid.
std::chrono::microseconds parse_health_interval(std::string_view text);

/// Parses --health-retries. podman refuses 0, and so do we. Throws HealthError if `text` is not
/// valid.
unsigned parse_health_retries(std::string_view text);

}  // namespace notifybridge::probe
