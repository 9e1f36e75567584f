#pragma once

#include <optional>
#include <string>

namespace notifybridge::facts {

/// Returns 128 bits as lower-case hexadecimal digits without dashes (machine-id(5), sd-id128(3)).
/// Returns nullopt if the first line of `text` is not an id, or is zero.
std::optional<std::string> parse_id128(const std::optional<std::string>& text);

/// Gives this machine an id if its file has none, as in images. Takes the id of D-Bus, or else that
/// of the container manager (Container Interface, $container_uuid), or else a new one. Does nothing
/// if the file cannot be written.
struct MachineId {
    std::string path = "/etc/machine-id";
    std::string path_of_dbus = "/var/lib/dbus/machine-id";
    std::optional<std::string> container_uuid;

    void set_up() const;
};

}  // namespace notifybridge::facts
