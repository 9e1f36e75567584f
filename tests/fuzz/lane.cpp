#include "bridge/channel/lane.hpp"

#include "base/notify/assignments.hpp"
#include "fuzz.hpp"

/// Fuzzes the peer's packets on the fd lane, and the names of descriptors from the environment.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace notifybridge;
    using fuzz::require;
    const std::string_view text = fuzz::as_text(data, size);

    if (const auto packet = channel::decode_lane_packet(text)) {
        require(packet->names.size() <= channel::most_lane_fds,
                "no packet has more names than the maximum");
        const std::string again = channel::encode(*packet);
        require(again.size() <= channel::longest_lane_packet,
                "no packet is longer than the maximum");
        require(channel::decode_lane_packet(again) == packet,
                "a packet is the same after encoding and decoding");
    }

    const std::size_t count = size % 5;
    const auto names = channel::parse_fd_names(text, count);
    require(names.size() == count, "each descriptor has a name");
    for (const std::string& name : names)
        require(notify::is_fd_name(name), "systemd accepts each name");
    // A list with one empty name is written like an empty list.
    const std::string joined = channel::join_fd_names(names);
    if (!joined.empty())
        require(channel::parse_fd_names(joined, count) == names,
                "names are the same after joining and parsing");
    return 0;
}
