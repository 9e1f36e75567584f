#include "bridge/channel/record.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "bridge/channel/bytes.hpp"
#include "fuzz.hpp"

/// Fuzzes the decoder of the journal's header and records. The decoder gets any bytes, and also the
/// same bytes with a correct checksum, which random bytes never have.
namespace notifybridge {
namespace {

using fuzz::require;
using Bytes = std::vector<std::byte>;

void check_header(system::Bytes bytes) {
    const auto header = channel::decode_header(bytes);
    if (!header)
        return;
    const auto again = channel::decode_header(channel::encode(*header));
    require(again && *again == *header, "a header is the same after encoding and decoding");
}

void check_record(system::Bytes bytes) {
    const auto decoded = channel::decode_record(bytes);
    if (!decoded)
        return;
    const channel::Record& record = decoded->record;
    require(decoded->size <= bytes.size() && decoded->size % 8 == 0,
            "a record lies within its bytes");
    require(record.payload.size() <= channel::longest_payload,
            "no payload is longer than the maximum");
    Bytes again;
    channel::encode(record, again);
    require(again.size() == decoded->size, "a record has the same size after encoding");
    const std::size_t used = channel::record_header_size + record.payload.size();
    // The checksum covers everything except the two unused bytes of the header.
    require(std::equal(again.begin() + 8, again.begin() + 46, bytes.begin() + 8)
                && std::equal(again.begin() + 48, again.begin() + static_cast<long>(used),
                              bytes.begin() + 48),
            "a record has the same bytes after encoding");
}

/// Returns `bytes` with a correct checksum at `place` for the bytes from `begin` to `end`.
Bytes corrected(system::Bytes bytes, std::size_t place, std::size_t begin, std::size_t end) {
    Bytes out(bytes.begin(), bytes.end());
    if (begin <= end && end <= out.size() && place + 4 <= out.size())
        channel::put(std::span(out), place,
                     channel::checksum(system::Bytes(out).subspan(begin, end - begin)));
    return out;
}

}  // namespace
}  // namespace notifybridge

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace notifybridge;
    const system::Bytes bytes = system::bytes_of(fuzz::as_text(data, size));
    check_header(bytes);
    check_header(corrected(bytes, 112, 0, 112));
    check_record(bytes);
    if (size >= channel::record_header_size) {
        const auto payload = channel::number_at<std::uint32_t>(bytes, 4);
        check_record(corrected(bytes, 0, 4, channel::record_header_size + std::size_t{payload}));
    }
    return 0;
}
