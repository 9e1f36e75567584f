#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/system/accounts.hpp"
#include "bridge/channel/container_places.hpp"

/// A container's config.json (OCI runtime specification, config.md and config-linux.md), as far as
/// it is read and changed here. What is not known here stays as it is.
namespace notifybridge::runtime {

inline constexpr const char* options_variable = "NOTIFYBRIDGE_OPTIONS";
inline constexpr const char* token_variable = "NOTIFYBRIDGE_TOKEN";

/// Says by the value 1 that the container goes to `runtime`, too, which a filter before it leaves
/// it to: podman shows why a runtime makes no container, and of a hook its exit status alone.
inline constexpr const char* runtime_annotation = "notifybridge.runtime";

/// What a container asks for by its environment, which its image may have a part in.
struct Wish {
    std::vector<std::string> options;  ///< Of `wrap`.
    std::string shared_directory;      ///< SHARED_DIR; empty where there is none.
    std::string token;
    bool is_mounted = false;  ///< SHARED_DIR comes into the container without us.
    /// Whom `wrap` will run as, by the numbers of the user namespace that the runtime is in;
    /// nothing where the file does not tell.
    std::optional<system::Account> user;
    std::optional<int> stop_signal;  ///< The container's own, if it is known.
    std::string watchdog;            ///< The WATCHDOG_USEC that `wrap` is given; or empty.
    std::string process_label;       ///< SELinux's, of what the container runs; or empty.
    std::string mount_label;         ///< The same for what is mounted.

    /// Whether the host's directory has to be mounted.
    bool wants_directory() const { return !shared_directory.empty() && !is_mounted; }
};

/// Whether the text of a config.json can ask for `wrap`: it has the name of one of our variables.
/// If it cannot, nothing in it is our business.
bool can_ask(std::string_view text);

/// What a container asks for by its environment.
enum class Request {
    nothing,
    unheard,  ///< `wrap`, which nobody could hear: no SHARED_DIR, no token and no NOTIFY_SOCKET.
    wrap,
};

/// `passes_socket` says whether the runtime gives the container a NOTIFY_SOCKET that is not in
/// `config`.
Request find_request(const boost::json::object& config, bool passes_socket);

/// Throws Refusal where `text` is no JSON object.
boost::json::object parse_config(std::string_view text);

/// Whether it has the annotation.
bool is_left_to_runtime(const boost::json::object& config);

/// Nothing where the container does not ask for `wrap`. Throws Refusal for what cannot be meant.
std::optional<Wish> read_wish(const boost::json::object& config);

/// The file's text with `wrap` put in front of what the container runs, unless that begins with us
/// already; all else stays to the byte. `config` and `wish` are of that text. `executable` and
/// `directory` are paths on the host; an empty `directory` is not mounted.
std::string put_wrap_in_front(std::string_view text, const boost::json::object& config,
                              const Wish& wish, std::string_view executable,
                              std::string_view directory);

}  // namespace notifybridge::runtime
