#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/util/key_value.hpp"

namespace notifybridge::channel {

/// Counts the connections of `--proxy`.
struct Connections {
    std::uint64_t open = 0;      ///< Accepted, and not ended yet.
    std::uint64_t waiting = 0;   ///< Those of them that the app has not accepted yet.
    std::uint64_t limit = 0;     ///< The most that can be open, by the limit of open files.
    std::uint64_t accepted = 0;  ///< All that were accepted since the start.
    std::uint64_t refused = 0;   ///< Those of them that were reset, as the app did not accept them.

    bool is_full() const { return limit != 0 && open >= limit; }

    bool operator==(const Connections&) const = default;
};

/// Writes it as KEY=VALUE lines, for container-status.
void write_connections(const Connections& connections, util::KeyValueWriter& out);

/// Reads one such line. Returns false if it is not one.
bool read_connections_line(std::optional<Connections>& connections, std::string_view key,
                           const std::string& value);

}  // namespace notifybridge::channel
