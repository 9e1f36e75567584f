#pragma once

#include <optional>
#include <string>

namespace notifybridge::facts {

/// 128 bits in hexadecimal digits, in small letters, dashes left out (machine-id(5), sd-id128(3));
/// nothing where the first line of `text` has none, or is zero.
std::optional<std::string> parse_id128(const std::optional<std::string>& text);

/// Gives this machine an id where its file has none, as images are shipped: D-Bus's, or else what
/// the container's manager says (Container Interface, $container_uuid), or else a new one. Nothing
/// is done where the file cannot be written.
struct MachineId {
    std::string path = "/etc/machine-id";
    std::string path_of_dbus = "/var/lib/dbus/machine-id";
    std::optional<std::string> container_uuid;

    void set_up() const;
};

}  // namespace notifybridge::facts
