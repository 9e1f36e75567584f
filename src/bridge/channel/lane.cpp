#include "bridge/channel/lane.hpp"

#include <algorithm>

#include "base/notify/assignments.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"

namespace notifybridge::channel {
namespace {

constexpr std::string_view fds_word = "FDS ";
constexpr std::string_view listen_word = "LISTEN ";

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> names;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(':', at), text.size());
        names.emplace_back(text.substr(at, end - at));
        at = end + 1;
    }
    return names;
}

}  // namespace

std::string lane_name(const RunId& run) {
    return util::concat(lane_prefix, to_string(run));
}

std::string encode(const LanePacket& packet) {
    return packet.kind == LanePacket::Kind::fds
               ? util::concat(fds_word, packet.sequence)
               : util::concat(listen_word, join_fd_names(packet.names));
}

std::optional<LanePacket> decode_lane_packet(std::string_view text) {
    LanePacket packet;
    if (text.starts_with(fds_word)) {
        const auto sequence = util::parse_number<std::uint64_t>(text.substr(fds_word.size()));
        if (!sequence)
            return std::nullopt;
        packet.sequence = *sequence;
        return packet;
    }
    if (!text.starts_with(listen_word))
        return std::nullopt;
    packet.kind = LanePacket::Kind::listen;
    packet.names = split(text.substr(listen_word.size()));
    if (packet.names.size() > most_lane_fds
        || !std::ranges::all_of(packet.names, notify::is_fd_name))
        return std::nullopt;
    return packet;
}

std::vector<std::string> parse_fd_names(std::string_view text, std::size_t count) {
    std::vector<std::string> names = text.empty() ? std::vector<std::string>() : split(text);
    names.resize(count, "unknown");
    for (std::string& name : names)
        if (!notify::is_fd_name(name))
            name = "unknown";
    return names;
}

std::string join_fd_names(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names)
        out += util::concat(&name == &names.front() ? "" : ":", name);
    return out;
}

}  // namespace notifybridge::channel
