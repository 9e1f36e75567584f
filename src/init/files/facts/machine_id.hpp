#pragma once

#include <optional>
#include <string>

namespace notifybridge::facts {

/// Returns the id in the first line of `text`: 128 bits as lower-case hexadecimal digits without
/// dashes (machine-id(5), sd-id128(3)). Returns nullopt if the line is not an id, or if the id is
/// zero.
std::optional<std::string> parse_id128(const std::optional<std::string>& text);

/// The file of the machine id, and the sources of an id for a file that has none. The file of an
/// image usually has no id. The id of D-Bus comes first, then the id of the container manager
/// (Container Interface, $container_uuid). If neither exists, `set_up` creates a new id.
struct MachineId {
    std::string path = "/etc/machine-id";
    std::string path_of_dbus = "/var/lib/dbus/machine-id";
    /// This file exists during the first boot, for ConditionFirstBoot= and generators.
    std::string path_of_first_boot = "/run/systemd/first-boot";
    std::optional<std::string> container_uuid;

    /// Creates or removes `path_of_first_boot`, and then writes an id to `path` if that file has
    /// none. Ignores errors.
    void set_up() const;

private:
    /// Returns whether the file of the machine id is missing or contains "uninitialized". An empty
    /// file does not mean a first boot (machine-id(5), FIRST BOOT SEMANTICS).
    bool is_first_boot() const;

    void mark_first_boot() const;
};

}  // namespace notifybridge::facts
