#include "bridge/channel/record.hpp"

#include <algorithm>
#include <cstring>

#include "base/util/concat.hpp"
#include "bridge/channel/bytes.hpp"

namespace notifybridge::channel {
namespace {

constexpr std::string_view journal_magic("NBJOURNL", 8);
constexpr std::size_t checksum_offset = 112;
constexpr std::uint32_t flag_beats = 1;
constexpr std::uint32_t flag_awaits_fds = 2;
constexpr std::uint32_t flag_ends_unseen = 8;

// The offsets of the fields in a record's header.
constexpr std::size_t at_checksum = 0;
constexpr std::size_t at_size = 4;
constexpr std::size_t at_sequence = 8;
constexpr std::size_t at_realtime = 16;
constexpr std::size_t at_monotonic = 24;
constexpr std::size_t at_pid = 32;
constexpr std::size_t at_uid = 36;
constexpr std::size_t at_gid = 40;
constexpr std::size_t at_type = 44;
constexpr std::size_t at_fds = 46;

std::size_t padded(std::size_t size) {
    return (size + 7) & ~std::size_t{7};
}

}  // namespace

std::string explain_version(std::uint32_t version) {
    return util::concat("it has version ", version,
                        " of the format, but this program reads version ", format_version,
                        "; use the same release on the host and in the container");
}

HeaderBytes encode(const JournalHeader& header) {
    HeaderBytes bytes{};
    std::memcpy(bytes.data(), journal_magic.data(), journal_magic.size());
    put(bytes, 8, format_version);
    put(bytes, 12, static_cast<std::uint32_t>(header_size));
    std::copy(header.run.bytes.begin(), header.run.bytes.end(), bytes.begin() + 16);
    put(bytes, 32, header.started_usec);
    put(bytes, 40, header.pid_namespace);
    put(bytes, 48, header.pid);
    put(bytes, 52, header.uid);
    put(bytes, 56,
        (header.beats ? flag_beats : 0) | (header.awaits_fds ? flag_awaits_fds : 0)
            | (header.ends_unseen ? flag_ends_unseen : 0));
    put(bytes, checksum_offset, checksum(std::span(bytes).first(checksum_offset)));
    return bytes;
}

boost::system::result<JournalHeader, HeaderError> decode_header(system::Bytes bytes) {
    if (bytes.size() < header_size)
        return HeaderError::incomplete;
    if (std::memcmp(bytes.data(), journal_magic.data(), journal_magic.size()) != 0)
        return HeaderError::not_a_journal;
    if (header_version(bytes) != format_version)
        return HeaderError::unknown_version;
    if (number_at<std::uint32_t>(bytes, checksum_offset) != checksum(bytes.first(checksum_offset)))
        return HeaderError::bad_checksum;
    JournalHeader header;
    std::copy_n(bytes.begin() + 16, header.run.bytes.size(), header.run.bytes.begin());
    header.started_usec = number_at<std::uint64_t>(bytes, 32);
    header.pid_namespace = number_at<std::uint64_t>(bytes, 40);
    header.pid = number_at<std::uint32_t>(bytes, 48);
    header.uid = number_at<std::uint32_t>(bytes, 52);
    const auto flags = number_at<std::uint32_t>(bytes, 56);
    header.beats = flags & flag_beats;
    header.awaits_fds = flags & flag_awaits_fds;
    header.ends_unseen = flags & flag_ends_unseen;
    return header;
}

std::uint32_t header_version(system::Bytes bytes) {
    return number_at<std::uint32_t>(bytes, 8);
}

void encode(const Record& record, std::vector<std::byte>& out) {
    const std::size_t start = out.size();
    const std::size_t size = record.payload.size();
    const system::Bytes payload = system::bytes_of(record.payload);
    out.resize(start + record_header_size);
    out.insert(out.end(), payload.begin(), payload.end());
    out.resize(start + padded(record_header_size + size));
    const std::span<std::byte> bytes = std::span(out).subspan(start);
    put(bytes, at_size, static_cast<std::uint32_t>(size));
    put(bytes, at_sequence, record.sequence);
    put(bytes, at_realtime, record.time.realtime);
    put(bytes, at_monotonic, record.time.monotonic);
    put(bytes, at_pid, static_cast<std::int32_t>(record.sender.pid));
    put(bytes, at_uid, static_cast<std::uint32_t>(record.sender.uid));
    put(bytes, at_gid, static_cast<std::uint32_t>(record.sender.gid));
    put(bytes, at_type, static_cast<std::uint16_t>(record.type));
    put(bytes, at_fds, record.fds);
    put(bytes, at_checksum, checksum(bytes.subspan(at_size, record_header_size - at_size + size)));
}

boost::system::result<Decoded, RecordError> decode_record(system::Bytes bytes) {
    if (bytes.size() < record_header_size)
        return RecordError::incomplete;
    const auto size = number_at<std::uint32_t>(bytes, at_size);
    if (size > longest_payload)
        return RecordError::malformed;
    const std::size_t total = padded(record_header_size + size);
    if (bytes.size() < total)
        return RecordError::incomplete;
    if (number_at<std::uint32_t>(bytes, at_checksum)
        != checksum(bytes.subspan(at_size, record_header_size - at_size + size)))
        return RecordError::malformed;

    const auto type = number_at<std::uint16_t>(bytes, at_type);
    if (type < static_cast<std::uint16_t>(RecordType::datagram)
        || type > static_cast<std::uint16_t>(RecordType::end))
        return RecordError::malformed;
    Decoded decoded;
    decoded.size = total;
    Record& record = decoded.record;
    record.type = static_cast<RecordType>(type);
    record.sequence = number_at<std::uint64_t>(bytes, at_sequence);
    record.time = {number_at<std::uint64_t>(bytes, at_realtime),
                   number_at<std::uint64_t>(bytes, at_monotonic)};
    record.sender = {number_at<std::int32_t>(bytes, at_pid),
                     number_at<std::uint32_t>(bytes, at_uid),
                     number_at<std::uint32_t>(bytes, at_gid)};
    record.fds = number_at<std::uint16_t>(bytes, at_fds);
    record.payload = system::as_text(bytes.subspan(record_header_size, size));
    return decoded;
}

}  // namespace notifybridge::channel
