#include <optional>
#include <string>

#include "bridge/channel/bytes.hpp"
#include "bridge/channel/container_status.hpp"
#include "bridge/channel/host_file.hpp"
#include "bridge/channel/state_text.hpp"
#include "fuzz.hpp"

/// Fuzzes the texts in the shared directory that the peer writes: the file "host" and its text,
/// container-status, and the journal's state records.
namespace notifybridge {
namespace {

using fuzz::require;

/// Returns a host file with this text after a valid header.
std::string host_file(std::string_view text) {
    std::string file = channel::encode(channel::HostFile{}).substr(0, 64);
    const auto bytes = std::as_writable_bytes(std::span(file));
    channel::put(bytes, 12, static_cast<std::uint32_t>(text.size()));
    channel::put(bytes, 16, channel::checksum(system::bytes_of(text)));
    return file.append(text);
}

void check_host_file(std::string_view content) {
    auto file = channel::decode_host_file(content);
    if (!file)
        return;
    // A host file with an open lane contains no fault.
    if (file->facts.lane_open)
        file->facts.lane_fault.clear();
    const auto again = channel::decode_host_file(channel::encode(*file));
    require(again && *again == *file, "a host file is the same after encoding and decoding");
}

/// Removes a last ping without a wall-clock time, because it does not count as a ping.
void forget_half_a_ping(notify::State& state) {
    if (state.last_watchdog.realtime == 0)
        state.last_watchdog = {};
}

void check_container_status(std::string_view text) {
    auto status = channel::parse_container_status(text);
    forget_half_a_ping(status.state);
    require(channel::parse_container_status(channel::to_text(status)) == status,
            "container-status is the same after writing and parsing");
}

void check_state(std::string_view text) {
    auto state = channel::parse_state(text);
    forget_half_a_ping(state);
    util::KeyValueWriter out;
    channel::write_state(state, out);
    require(channel::parse_state(out.text()) == state,
            "a state is the same after writing and parsing");
}

void check_end(std::string_view text) {
    if (const auto end = channel::parse_end(text))
        require(channel::parse_end(channel::end_text(*end)) == end,
                "an end is the same after writing and parsing");
}

}  // namespace
}  // namespace notifybridge

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace notifybridge;
    const std::string_view text = fuzz::as_text(data, size);
    check_host_file(text);
    const std::string whole = host_file(text);
    check_host_file(whole);
    // Check a truncated copy. It is a separate text, so that a read beyond its end is detected.
    check_host_file(std::string(whole, 0, size % whole.size()));
    check_container_status(text);
    check_state(text);
    check_end(text);
    return 0;
}
