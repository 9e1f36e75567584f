#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/channel/run_id.hpp"

/// The fd lane: a socket of `wrap` in the shared directory, for the file descriptors that files
/// cannot carry. `wait` connects to it, inwards. What is said there is one line in a packet, which
/// the descriptors go with; notifybridge-shared-dir(5) has it.
namespace notifybridge::channel {

/// The kernel's SCM_MAX_FD: no packet has more.
inline constexpr std::size_t most_lane_fds = 253;
/// A name has at most 255 bytes (sd_notify(3), FDNAME=).
inline constexpr std::size_t longest_lane_packet = 16 + most_lane_fds * 256;

/// The socket's name: each run has its own, so that it is there before the run's journal is.
std::string lane_name(const RunId& run);

struct LanePacket {
    enum class Kind {
        fds,     ///< The descriptors of the record `sequence`: asked for by `wait`, and the answer.
        listen,  ///< The descriptors that systemd passed to `wait`, which the command is to get.
    };

    Kind kind = Kind::fds;
    std::uint64_t sequence = 0;
    std::vector<std::string> names;  ///< With `listen`: one for each descriptor.

    bool operator==(const LanePacket&) const = default;
};

std::string encode(const LanePacket& packet);
std::optional<LanePacket> decode_lane_packet(std::string_view text);

/// The names in LISTEN_FDNAMES for `count` descriptors: "unknown", as sd_listen_fds_with_names(3)
/// has it, for each that it does not name.
std::vector<std::string> parse_fd_names(std::string_view text, std::size_t count);

/// `names` as LISTEN_FDNAMES has them.
std::string join_fd_names(const std::vector<std::string>& names);

}  // namespace notifybridge::channel
