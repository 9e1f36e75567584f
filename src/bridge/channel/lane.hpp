#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/channel/run_id.hpp"

/// The fd lane transfers file descriptors, which cannot be written to files. `wrap` opens a socket
/// for the lane in the shared directory, and `wait` connects to that socket. Each packet has one
/// line of text, and may carry descriptors (notifybridge-shared-dir(5)).
namespace notifybridge::channel {

/// The limit of descriptors for one packet, which is the kernel's SCM_MAX_FD.
inline constexpr std::size_t most_lane_fds = 253;
/// The longest packet has the longest names: 255 bytes each (sd_notify(3), FDNAME=).
inline constexpr std::size_t longest_lane_packet = 16 + most_lane_fds * 256;

/// The beginning of each `lane_name`.
inline constexpr std::string_view lane_prefix = "lane.";
/// Returns the name of the run's socket. Each run has a different socket, which may exist before
/// the run's journal.
std::string lane_name(const RunId& run);

struct LanePacket {
    enum class Kind {
        fds,     ///< `wait` requests the descriptors of a record, and `wrap` sends them.
        listen,  ///< The descriptors that systemd passed to `wait`, for the command.
    };

    Kind kind = Kind::fds;
    std::uint64_t sequence = 0;
    std::vector<std::string> names;  ///< The names of `listen` descriptors, one for each.

    bool operator==(const LanePacket&) const = default;
};

std::string encode(const LanePacket& packet);
std::optional<LanePacket> decode_lane_packet(std::string_view text);

/// Returns `count` names from LISTEN_FDNAMES. Like sd_listen_fds_with_names(3), uses "unknown" for
/// missing names.
std::vector<std::string> parse_fd_names(std::string_view text, std::size_t count);

/// Returns `names` in the form of LISTEN_FDNAMES.
std::string join_fd_names(const std::vector<std::string>& names);

}  // namespace notifybridge::channel
