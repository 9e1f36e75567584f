#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/system/accounts.hpp"
#include "bridge/channel/container_places.hpp"

/// Reads and changes a container's config.json (OCI runtime specification, config.md and
/// config-linux.md). Unknown members stay as they are.
namespace notifybridge::runtime {

inline constexpr const char* options_variable = "NOTIFYBRIDGE_OPTIONS";
inline constexpr const char* token_variable = "NOTIFYBRIDGE_TOKEN";

/// The value 1 says that the container is also passed to `runtime`, so a filter that sees it
/// earlier leaves it alone. podman shows the error of a runtime, but only the exit status of a
/// hook.
inline constexpr const char* runtime_annotation = "notifybridge.runtime";

/// The request that a container makes by its environment, which the image can partly set.
struct Wish {
    std::vector<std::string> options;  ///< The options of `wrap`.
    std::string shared_directory;      ///< SHARED_DIR; empty if it is not set.
    std::string token;
    bool is_mounted = false;  ///< SHARED_DIR is mounted in the container already.
    /// The user that `wrap` will run as, numbered as in the runtime's user namespace; nullopt if
    /// config.json does not tell.
    std::optional<system::Account> user;
    std::optional<int> stop_signal;         ///< The stop signal of the container, if it is known.
    std::vector<std::string> health_check;  ///< More options of `wrap`: those for a health check.
    std::string watchdog;                   ///< The WATCHDOG_USEC to give to `wrap`; may be empty.
    std::string process_label;  ///< The SELinux label of the container's processes; may be empty.
    std::string mount_label;    ///< The SELinux label of its mounts; may be empty.

    /// Returns whether the host's directory has to be mounted.
    bool wants_directory() const { return !shared_directory.empty() && !is_mounted; }

    /// Returns whether the options of `wrap` have a health check.
    bool has_health_check() const;
};

/// Returns whether the text of a config.json may ask for `wrap`, because it contains the name of
/// one of our variables. If not, we leave the container alone.
bool can_ask(std::string_view text);

/// The kinds of request.
enum class Request {
    nothing,
    unheard,  ///< It asks for `wrap`, but has no SHARED_DIR, token or NOTIFY_SOCKET to send
              ///< messages to.
    wrap,
};

/// Returns what the container asks for. `passes_socket` says whether the runtime gives it a
/// NOTIFY_SOCKET that `config` does not have.
Request find_request(const boost::json::object& config, bool passes_socket);

/// Parses a config.json. Throws Refusal if `text` is not a JSON object.
boost::json::object parse_config(std::string_view text);

/// Returns whether `config` has the annotation.
bool is_left_to_runtime(const boost::json::object& config);

/// Returns what the container asks for, or nullopt if it does not ask for `wrap`. Throws Refusal if
/// the request is not valid.
std::optional<Wish> read_wish(const boost::json::object& config);

/// Returns whether the container's command will be run by a `wrap`, ours or the image's own. Any
/// other program of ours (`notifybridge init`) runs no health check. `config` was read by
/// read_wish().
bool runs_health_check(const boost::json::object& config);

/// Returns `text` with `wrap` put in front of the container's command, unless the command already
/// starts with one of our programs. If that is `wrap`, only a health check is added. Every other
/// byte stays the same. `config` and `wish` were read from `text`. `executable` and `directory` are
/// paths on the host; an empty `directory` is not mounted.
std::string put_wrap_in_front(std::string_view text, const boost::json::object& config,
                              const Wish& wish, std::string_view executable,
                              std::string_view directory);

}  // namespace notifybridge::runtime
