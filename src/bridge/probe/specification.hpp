#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/system/socket_address.hpp"

/// Parses the values of --ready-when and --alive-when.
namespace notifybridge::probe {

/// Holds if one of the addresses answers (localhost has two).
struct TcpTarget {
    std::vector<system::SocketAddress> addresses;
};

/// A socket of any type at this path, or with "@" in front an abstract name.
struct UnixTarget {
    system::SocketAddress address;
};

struct HttpTarget {
    std::vector<system::SocketAddress> addresses;
    std::string host;  ///< The Host: of the request: "127.0.0.1:5001".
    std::string path;  ///< "/health?deep=1"
};

struct FileTarget {
    std::string path;
};

struct ExecTarget {
    std::string command;  ///< For /bin/sh.
};

struct LogTarget {
    std::string pattern;
};

struct DescriptorTarget {
    int number = 0;  ///< The descriptor's number in the command.
};

/// A systemd in the container that reports X_SYSTEMD_UNIT_ACTIVE for this unit.
struct SystemdTarget {
    std::string unit;
};

/// The container's health check succeeds.
struct HealthyTarget {};

struct ExitTarget {};     ///< The command exited with success.
struct StartTarget {};    ///< The command was started.
struct NotifyTarget {};   ///< The command sent READY=1 itself.
struct ProcessTarget {};  ///< The command is running.

using Target = std::variant<HttpTarget, TcpTarget, UnixTarget, FileTarget, ExecTarget, LogTarget,
                            DescriptorTarget, SystemdTarget, HealthyTarget, ExitTarget, StartTarget,
                            NotifyTarget, ProcessTarget>;

struct Specification {
    std::string text;  ///< The text as given, for messages.
    Target target;
    bool uses_directory;  ///< It has a path or a command, so the working directory matters.
};

/// The text is not a probe; what() tells what is wrong and what to do.
struct SpecificationError : std::runtime_error {
    using runtime_error::runtime_error;
};

/// The purpose of a probe.
enum class Purpose { readiness, liveness };

/// Parses `text`. Does not look up host names: a static program has no resolver. Throws
/// SpecificationError.
Specification parse_specification(std::string_view text, Purpose purpose);

/// Parses the value of --ready-http-status: "200,204". Throws SpecificationError.
std::vector<unsigned> parse_http_statuses(std::string_view text);

}  // namespace notifybridge::probe
