#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/system/socket_address.hpp"

/// What --ready-when and --alive-when are given, as it is typed.
namespace notifybridge::probe {

/// Somebody answers there; of several addresses (localhost has two) one will do.
struct TcpTarget {
    std::vector<system::SocketAddress> addresses;
};

/// A socket of any type at this path, or with "@" in front at this abstract name.
struct UnixTarget {
    system::SocketAddress address;
};

struct HttpTarget {
    std::vector<system::SocketAddress> addresses;
    std::string host;  ///< As the request names it: "127.0.0.1:5001".
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
    int number = 0;  ///< Of the command.
};

/// An in-container systemd that says X_SYSTEMD_UNIT_ACTIVE of this unit.
struct SystemdTarget {
    std::string unit;
};

struct ExitTarget {};     ///< The command ended with success.
struct StartTarget {};    ///< It was started.
struct NotifyTarget {};   ///< It said READY=1 itself.
struct ProcessTarget {};  ///< It is there.

using Target = std::variant<HttpTarget, TcpTarget, UnixTarget, FileTarget, ExecTarget, LogTarget,
                            DescriptorTarget, SystemdTarget, ExitTarget, StartTarget, NotifyTarget,
                            ProcessTarget>;

struct Specification {
    std::string text;  ///< As it was given; so it is called towards people.
    Target target;
    bool uses_directory;  ///< It has a path or a command, which the working directory counts for.
};

/// A text that is no probe; what() says what is wrong and what to do.
struct SpecificationError : std::runtime_error {
    using runtime_error::runtime_error;
};

/// What the probe is to be of use for.
enum class Purpose { readiness, liveness };

/// Reads `text`. Names of hosts are not looked up: a static program has no resolver. Throws
/// SpecificationError.
Specification parse_specification(std::string_view text, Purpose purpose);

/// What --ready-http-status takes: "200,204". Throws SpecificationError.
std::vector<unsigned> parse_http_statuses(std::string_view text);

}  // namespace notifybridge::probe
