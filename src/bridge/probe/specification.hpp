#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/system/listeners.hpp"
#include "base/system/socket_address.hpp"
#include "bridge/probe/ports.hpp"

/// Parses the values of --ready-when and --alive-when.
namespace notifybridge::probe {

/// The addresses of a server, one of which must accept connections (localhost has two addresses).
struct TcpTarget {
    std::vector<system::SocketAddress> addresses;
};

/// A socket of any type, at a path or with an abstract name ("@" in front).
struct UnixTarget {
    system::SocketAddress address;
};

/// Ports on which the command has to listen, or to be bound for UDP.
struct ListenTarget {
    system::Transport transport = system::Transport::tcp;
    /// Literal addresses, one of which has to be listened on; any address suffices if empty.
    std::vector<std::string> hosts;
    /// Empty in `listen`, which means the published ports.
    Ports ports;
    /// Whether the ports are those that the container publishes. These connections never come to a
    /// loopback address.
    bool is_published = false;
};

/// A path at which the command has to listen, or an abstract name with "@" in front.
struct ListenLocalTarget {
    std::string name;
};

struct HttpTarget {
    std::vector<system::SocketAddress> addresses;
    std::string host;  ///< The Host header of the request: "127.0.0.1:5001".
    std::string path;  ///< The path of the request: "/health?deep=1".
};

struct FileTarget {
    std::string path;
};

struct ExecTarget {
    std::string command;  ///< A command line for /bin/sh.
};

struct LogTarget {
    std::string pattern;
};

struct DescriptorTarget {
    int number = 0;  ///< The descriptor's number in the command.
};

/// A unit for which a systemd in the container must report X_SYSTEMD_UNIT_ACTIVE.
struct SystemdTarget {
    std::string unit;
};

/// The condition that the container's health check succeeds.
struct HealthyTarget {};

struct ExitTarget {};     ///< The condition that the command has exited with status 0.
struct StartTarget {};    ///< The condition that the command was started.
struct NotifyTarget {};   ///< The condition that the command has sent READY=1.
struct ProcessTarget {};  ///< The condition that the command is running.

using Target = std::variant<HttpTarget, TcpTarget, UnixTarget, ListenTarget, ListenLocalTarget,
                            FileTarget, ExecTarget, LogTarget, DescriptorTarget, SystemdTarget,
                            HealthyTarget, ExitTarget, StartTarget, NotifyTarget, ProcessTarget>;

struct Specification {
    std::string text;  ///< The text that the user gave, for messages.
    Target target;
    /// Whether the target has a path or a command, so that the working directory matters.
    bool uses_directory;
};

/// The error for a text that is not a probe. what() explains what is wrong and what to do.
struct SpecificationError : std::runtime_error {
    using runtime_error::runtime_error;
};

/// Whether a probe decides about the command's readiness or about its liveness.
enum class Purpose { readiness, liveness };

/// Parses a probe. Does not look up host names, because a static program has no resolver. Throws
/// SpecificationError if `text` is not valid.
Specification parse_specification(std::string_view text, Purpose purpose);

/// Returns the address of a valid path or, after "@", abstract name.
system::SocketAddress local_address(std::string_view name);

/// Parses the value of --ready-http-status, such as "200,204". Throws SpecificationError if `text`
/// is not valid.
std::vector<unsigned> parse_http_statuses(std::string_view text);

}  // namespace notifybridge::probe
