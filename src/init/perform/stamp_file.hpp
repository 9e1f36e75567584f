#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <system_error>

/// The file whose modification time says when a timer last elapsed (systemd.timer(5), Persistent=).
namespace notifybridge::perform {

/// Returns the path for a unit's stamp below the directory of state, which is usually /var/lib.
std::string stamp_path(const std::string& state_directory, const std::string& unit);

/// Returns its time in microseconds since 1970, or nullopt if it does not exist.
std::optional<std::uint64_t> read_stamp(const std::string& path);
/// Creates it and its directories if necessary.
std::error_code write_stamp(const std::string& path, std::uint64_t realtime);

}  // namespace notifybridge::perform
