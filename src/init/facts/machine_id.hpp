#pragma once

#include <optional>
#include <string>

namespace notifybridge::facts {

/// Returns the id in the first line of `text`: 128 bits as lower-case hexadecimal digits without
/// dashes (machine-id(5), sd-id128(3)). Returns nullopt if the line is not an id, or if the id is
/// zero.
std::optional<std::string> parse_id128(const std::optional<std::string>& text);

/// Creates an id for this machine if its file has no id. The file of an image usually has none.
/// Prefers the id of D-Bus, then the id of the container manager (Container Interface,
/// $container_uuid). If neither exists, creates a new id. Does nothing if the file cannot be
/// written.
struct MachineId {
    std::string path = "/etc/machine-id";
    std::string path_of_dbus = "/var/lib/dbus/machine-id";
    std::optional<std::string> container_uuid;

    void set_up() const;
};

}  // namespace notifybridge::facts
