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
#include "base/util/result_error.hpp"
#include "bridge/channel/run_id.hpp"

/// Encodes and decodes the journal (notifybridge-shared-dir(5)). Pure: does not access files.
namespace notifybridge::channel {

using util::throw_exception_from_error;

inline constexpr std::uint32_t format_version = 1;

/// Returns a message, with advice, about a file of format version `version`: "it has version 2 of
/// the format, but …".
std::string explain_version(std::uint32_t version);

/// The header of a journal.
struct JournalHeader {
    RunId run;
    std::uint64_t started_usec = 0;   ///< When the run began: microseconds since 1970.
    std::uint64_t pid_namespace = 0;  ///< The inode of the writer's pid namespace.
    std::uint32_t pid = 0;            ///< The writer's pid in that namespace.
    std::uint32_t uid = 0;            ///< The writer's uid in its user namespace.
    /// Whether the writer increases the beat (`beat_offset`) while it is alive. Readers need this
    /// if the file system does not share locks between the two sides.
    bool beats = false;
    /// Whether the fd lane (lane.hpp) is open and the command waits for descriptors from it.
    bool awaits_fds = false;
    bool ends_unseen = false;  ///< Whether the run's command is PID 1, whose end kills the writer.

    bool operator==(const JournalHeader&) const = default;
};

inline constexpr std::size_t header_size = 128;
/// The offset of the beat in the header. The beat is a number that changes each second, so the
/// header's checksum does not include it.
inline constexpr std::size_t beat_offset = 120;

using HeaderBytes = std::array<std::byte, header_size>;

HeaderBytes encode(const JournalHeader& header);

enum class HeaderError { incomplete, not_a_journal, unknown_version, bad_checksum };

boost::system::result<JournalHeader, HeaderError> decode_header(system::Bytes bytes);

/// Returns the version in the first bytes of a journal. Use it for messages about unknown versions.
std::uint32_t header_version(system::Bytes bytes);

enum class RecordType : std::uint16_t {
    datagram = 1,  ///< A message; the payload is the datagram.
    barrier = 2,   ///< BARRIER=1 without a payload; the writer keeps the descriptor.
    state = 3,     ///< The state after all records up to this sequence (state_text).
    end = 4,       ///< The last record of a run; its payload describes the command's end.
};

/// One record. The payload of a decoded record points into the buffer that was decoded.
struct Record {
    RecordType type = RecordType::datagram;
    std::uint64_t sequence = 0;
    system::Moment time;
    system::Credentials sender;
    std::uint16_t fds = 0;  ///< The number of descriptors that arrived with the datagram.
    std::string_view payload;
};

inline constexpr std::size_t record_header_size = 48;
/// The longest payload is a state with values of maximal length, after escaping.
inline constexpr std::size_t longest_payload = 64 * 1024;

/// Appends the record's bytes to `out`.
void encode(const Record& record, std::vector<std::byte>& out);

enum class RecordError { incomplete, malformed };

struct Decoded {
    Record record;
    std::size_t size = 0;  ///< The size of the encoded record, in bytes.
};

/// Decodes the record at the beginning of `bytes`.
boost::system::result<Decoded, RecordError> decode_record(system::Bytes bytes);

}  // namespace notifybridge::channel
