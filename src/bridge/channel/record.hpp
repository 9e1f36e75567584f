#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/system/clock.hpp"
#include "base/system/datagram.hpp"
#include "bridge/channel/run_id.hpp"

/// The bytes of the journal, as notifybridge-shared-dir(5) has them. Pure: no file is touched.
namespace notifybridge::channel {

inline constexpr std::uint32_t format_version = 1;

/// What to do about a file that has another version: "it has version 2 of the format, and ...".
std::string explain_version(std::uint32_t version);

/// What a journal begins with.
struct JournalHeader {
    RunId run;
    std::uint64_t started_usec = 0;   ///< When the run began: microseconds since 1970.
    std::uint64_t pid_namespace = 0;  ///< Inode of the writer's pid namespace.
    std::uint32_t pid = 0;            ///< The writer's pid, as it sees itself.
    std::uint32_t uid = 0;            ///< The writer's user, as it sees itself.
    bool beats = false;       ///< Locks do not cross the mount: a live writer counts `beat` up.
    bool awaits_fds = false;  ///< Its lane is there, and the command starts with what comes there.
    bool takes_signals = false;  ///< Its command gets the signals that "host" lists.
    bool ends_unseen = false;    ///< Its command is PID 1, by whose end the writer is killed.

    bool operator==(const JournalHeader&) const = default;
};

inline constexpr std::size_t header_size = 128;
/// Where the beat stands, a number that changes each second; outside the header's checksum.
inline constexpr std::size_t beat_offset = 120;

using HeaderBytes = std::array<std::byte, header_size>;

HeaderBytes encode(const JournalHeader& header);

enum class HeaderError { incomplete, not_a_journal, unknown_version, bad_checksum };

boost::system::result<JournalHeader, HeaderError> decode_header(system::Bytes bytes);

/// The version that a journal's first bytes name, for the message about one that is not ours.
std::uint32_t header_version(system::Bytes bytes);

enum class RecordType : std::uint16_t {
    datagram = 1,  ///< A message; the payload is its bytes.
    barrier = 2,   ///< BARRIER=1, whose descriptor the writer holds; no payload.
    state = 3,     ///< The state with all records up to this sequence folded in (state_text).
    end = 4,       ///< The last record of a run; the payload says how the command ended.
};

/// A record, its payload in the buffer that it was decoded from.
struct Record {
    RecordType type = RecordType::datagram;
    std::uint64_t sequence = 0;
    system::Moment time;
    system::Credentials sender;
    std::uint16_t fds = 0;  ///< How many descriptors came with the datagram.
    std::string_view payload;
};

inline constexpr std::size_t record_header_size = 48;
/// No payload is longer: the longest is a state with the longest of each of its values, escaped.
inline constexpr std::size_t longest_payload = 64 * 1024;

/// Appends the record's bytes to `out`.
void encode(const Record& record, std::vector<std::byte>& out);

enum class RecordError { incomplete, malformed };

struct Decoded {
    Record record;
    std::size_t size = 0;  ///< How many bytes the record takes.
};

/// Decodes the record that `bytes` begins with.
boost::system::result<Decoded, RecordError> decode_record(system::Bytes bytes);

}  // namespace notifybridge::channel
