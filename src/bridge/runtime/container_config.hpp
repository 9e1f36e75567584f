#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/system/accounts.hpp"
#include "bridge/channel/container_places.hpp"

/// Reads and changes a container's config.json (OCI runtime specification, config.md and
/// config-linux.md). Keeps unknown members unchanged.
namespace notifybridge::runtime {

inline constexpr const char* options_variable = "NOTIFYBRIDGE_OPTIONS";
inline constexpr const char* token_variable = "NOTIFYBRIDGE_TOKEN";

/// The name of an annotation. Its value 1 means that the container manager will also call `runtime`
/// for the container. An earlier hook (`runtime --filter`) then leaves the container unchanged. A
/// runtime is better than a hook, because podman shows the error of a runtime, but only the exit
/// status of a hook.
inline constexpr const char* runtime_annotation = "notifybridge.runtime";

/// The request that a container makes with its environment. The image can set a part of the
/// environment.
struct Wish {
    std::vector<std::string> options;  ///< The options of `wrap`.
    std::string shared_directory;      ///< SHARED_DIR; empty if it is not set.
    std::string token;
    bool is_mounted = false;  ///< Whether SHARED_DIR is already mounted in the container.
    /// The user that will run `wrap`, with the ids of the runtime's user namespace. This is nullopt
    /// if config.json does not show the user.
    std::optional<system::Account> user;
    std::optional<int> stop_signal;         ///< The stop signal of the container, if it is known.
    std::vector<std::string> health_check;  ///< More options of `wrap`, for the health check.
    std::string watchdog;                   ///< The WATCHDOG_USEC for `wrap`; may be empty.
    std::string process_label;  ///< The SELinux label of the container's processes; may be empty.
    std::string mount_label;    ///< The SELinux label of the container's mounts; may be empty.

    /// Returns whether the host's directory must be mounted.
    bool wants_directory() const { return !shared_directory.empty() && !is_mounted; }

    /// Returns whether the options of `wrap` include a health check.
    bool has_health_check() const;
};

/// Returns whether the text of a config.json may ask for `wrap`, because it contains the name of
/// one of our variables. If not, the container stays unchanged.
bool may_request_wrap(std::string_view text);

/// The kinds of request.
enum class Request {
    nothing,
    /// The container asks for `wrap`, but nothing would receive the messages of `wrap`: the
    /// container has neither a shared directory, a token nor NOTIFY_SOCKET.
    no_receiver,
    wrap,
};

/// Returns the kind of the container's request. `passes_socket` means that the runtime will set
/// NOTIFY_SOCKET in the container, although `config` does not set it.
Request find_request(const boost::json::object& config, bool passes_socket);

/// Parses a config.json. Throws Refusal if `text` is not a JSON object.
boost::json::object parse_config(std::string_view text);

/// Returns whether `config` has `runtime_annotation`.
bool is_left_to_runtime(const boost::json::object& config);

/// Returns the container's request. Returns nullopt if the container does not ask for `wrap`.
/// Throws Refusal if the request is not valid.
std::optional<Wish> read_wish(const boost::json::object& config);

/// Returns whether a `wrap` will run the container's command: our own `wrap`, or that of the image.
/// Our other programs, such as `notifybridge init`, do not run a health check. `config` must have
/// been read with read_wish().
bool runs_health_check(const boost::json::object& config);

/// Returns `text` with `wrap` in front of the container's command. If the command already starts
/// with one of our programs, `wrap` is not added. If that program is `wrap`, only a health check is
/// added. Also changes our variables and adds our mounts. All other bytes stay the same. `config`
/// and `wish` must have been read from `text`. `executable` and `directory` are paths on the host.
/// If `directory` is empty, no directory is mounted.
std::string put_wrap_in_front(std::string_view text, const boost::json::object& config,
                              const Wish& wish, std::string_view executable,
                              std::string_view directory);

}  // namespace notifybridge::runtime
