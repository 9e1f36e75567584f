#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/util/key_value.hpp"

namespace notifybridge::channel {

/// The numbers of connections of `--proxy`.
struct Connections {
    std::uint64_t open = 0;     ///< Accepted connections that have not ended yet.
    std::uint64_t waiting = 0;  ///< Open connections that the app has not accepted yet.
    /// The maximum of `open`, which depends on the limit of open files.
    std::uint64_t limit = 0;
    std::uint64_t accepted = 0;  ///< All connections that we accepted since the start.
    std::uint64_t refused = 0;   ///< Connections that we reset because we could not reach the app.

    bool is_full() const { return limit != 0 && open >= limit; }

    bool operator==(const Connections&) const = default;
};

/// Writes `connections` as KEY=VALUE lines for container-status.
void write_connections(const Connections& connections, util::KeyValueWriter& out);

/// Reads a line that `write_connections` has written. Returns false for other lines.
bool read_connections_line(std::optional<Connections>& connections, std::string_view key,
                           const std::string& value);

}  // namespace notifybridge::channel
