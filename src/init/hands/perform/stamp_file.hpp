#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <system_error>

/// Reads and writes the stamp of a timer, a file whose modification time is the time at which the
/// timer last elapsed (systemd.timer(5), Persistent=).
namespace notifybridge::perform {

/// Returns the path of a unit's stamp in the state directory, which is usually /var/lib.
std::string stamp_path(const std::string& state_directory, const std::string& unit);

/// Returns the time of the stamp in microseconds since 1970. Returns nullopt if the file does not
/// exist.
std::optional<std::uint64_t> read_stamp(const std::string& path);
/// Sets the time of the stamp to `realtime`, in microseconds since 1970. Creates the file and its
/// directories if necessary.
std::error_code write_stamp(const std::string& path, std::uint64_t realtime);

}  // namespace notifybridge::perform
