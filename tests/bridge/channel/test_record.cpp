#include "bridge/channel/record.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "bridge/channel/bytes.hpp"
#include "bridge/channel/print.hpp"

namespace notifybridge::channel {
namespace {

using Buffer = std::vector<std::byte>;

JournalHeader some_header() {
    JournalHeader header;
    for (std::size_t at = 0; at < header.run.bytes.size(); ++at)
        header.run.bytes[at] = static_cast<std::byte>(0xA0 + at);
    header.started_usec = 0x0102030405060708;
    header.pid_namespace = 4026531836;
    header.pid = 42;
    header.uid = 1000;
    header.beats = true;
    return header;
}

Record some_record(std::string_view payload) {
    Record record;
    record.sequence = 7;
    record.time = {1'700'000'000'000'000, 5'000'000};
    record.sender = {42, 1000, 1001};
    record.fds = 2;
    record.payload = payload;
    return record;
}

Buffer encoded(const Record& record) {
    Buffer bytes;
    encode(record, bytes);
    return bytes;
}

std::uint64_t number_at(system::Bytes bytes, std::size_t at, std::size_t size) {
    std::uint64_t number = 0;
    for (std::size_t digit = size; digit > 0; --digit)
        number = number << 8 | std::to_integer<std::uint64_t>(bytes[at + digit - 1]);
    return number;
}

/// Calculates the CRC-32C bit by bit, as in RFC 3720, appendix B.4.
std::uint32_t crc32c(system::Bytes bytes) {
    std::uint32_t crc = 0xFFFFFFFF;
    for (const std::byte byte : bytes) {
        crc ^= std::to_integer<std::uint32_t>(byte);
        for (int bit = 0; bit < 8; ++bit)
            crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78 : 0);
    }
    return ~crc;
}

/// Payload sizes with each remainder modulo 8, so that each length of padding occurs.
const std::size_t payload_sizes[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 4096, longest_payload};

constexpr std::size_t header_checksum_end = 116;

}  // namespace

BOOST_AUTO_TEST_SUITE(journal_bytes)

BOOST_AUTO_TEST_CASE(a_journal_header_round_trips) {
    const auto decoded = decode_header(encode(some_header()));
    BOOST_REQUIRE(decoded.has_value());
    BOOST_TEST(*decoded == some_header());
}

BOOST_AUTO_TEST_CASE(a_journal_header_is_little_endian) {
    const HeaderBytes bytes = encode(some_header());
    BOOST_TEST(system::as_text(bytes).substr(0, 8) == "NBJOURNL");
    BOOST_TEST(number_at(bytes, 8, 4) == format_version);
    BOOST_TEST(number_at(bytes, 12, 4) == header_size);
    BOOST_TEST(number_at(bytes, 32, 8) == 0x0102030405060708u);
    BOOST_TEST(number_at(bytes, 40, 8) == 4026531836u);
    BOOST_TEST(number_at(bytes, 48, 4) == 42u);
    BOOST_TEST(number_at(bytes, 52, 4) == 1000u);
    BOOST_TEST(number_at(bytes, 112, 4) == crc32c(std::span(bytes).first(112)));
}

BOOST_AUTO_TEST_CASE(each_changed_byte_of_a_journal_header_is_noticed) {
    const HeaderBytes whole = encode(some_header());
    for (std::size_t at = 0; at < header_checksum_end; ++at) {
        HeaderBytes changed = whole;
        changed[at] ^= std::byte{1};
        BOOST_TEST(decode_header(changed).has_error(), "at " << at);
    }
}

BOOST_AUTO_TEST_CASE(a_changed_beat_keeps_the_journal_header_valid) {
    HeaderBytes bytes = encode(some_header());
    bytes[beat_offset] = std::byte{9};
    BOOST_TEST(decode_header(bytes).has_value());
}

BOOST_AUTO_TEST_CASE(a_truncated_journal_header_is_incomplete) {
    const HeaderBytes whole = encode(some_header());
    for (std::size_t size = 0; size < header_size; ++size)
        BOOST_TEST(decode_header(std::span(whole).first(size)).error() == HeaderError::incomplete);
}

BOOST_AUTO_TEST_CASE(another_journal_version_is_distinguished_from_damage) {
    HeaderBytes bytes = encode(some_header());
    bytes[8] = std::byte{format_version + 1};
    BOOST_TEST(decode_header(bytes).error() == HeaderError::unknown_version);
    BOOST_TEST(header_version(bytes) == format_version + 1);
    bytes[0] = std::byte{'x'};
    BOOST_TEST(decode_header(bytes).error() == HeaderError::not_a_journal);
}

BOOST_AUTO_TEST_CASE(both_checksum_functions_match_rfc_3720) {
    Buffer bytes;
    for (std::size_t size = 0; size < 300; ++size) {
        BOOST_TEST(checksum(bytes) == crc32c(bytes), size << " bytes");
        BOOST_TEST(portable_checksum(bytes) == crc32c(bytes), size << " bytes");
        bytes.push_back(static_cast<std::byte>(size * 7));
    }
}

BOOST_DATA_TEST_CASE(a_journal_record_round_trips, payload_sizes, size) {
    const std::string payload(size, 'p');
    const Buffer bytes = encoded(some_record(payload));
    BOOST_TEST(bytes.size() % 8 == 0u);
    const auto decoded = decode_record(bytes);
    BOOST_REQUIRE(decoded.has_value());
    BOOST_TEST(decoded->size == bytes.size());
    const Record& record = decoded->record;
    BOOST_TEST(record.type == RecordType::datagram);
    BOOST_TEST(record.sequence == 7u);
    BOOST_TEST((record.time == system::Moment{1'700'000'000'000'000, 5'000'000}));
    BOOST_TEST((record.sender == system::Credentials{42, 1000, 1001}));
    BOOST_TEST(record.fds == 2u);
    BOOST_TEST(record.payload == payload);
}

BOOST_AUTO_TEST_CASE(a_journal_record_may_have_an_empty_payload) {
    BOOST_TEST(decode_record(encoded(some_record({})))->record.payload == "");
}

BOOST_AUTO_TEST_CASE(a_journal_record_is_little_endian) {
    const Buffer bytes = encoded(some_record("READY=1"));
    BOOST_TEST(number_at(bytes, 4, 4) == 7u);  // size
    BOOST_TEST(number_at(bytes, 8, 8) == 7u);  // sequence
    BOOST_TEST(number_at(bytes, 16, 8) == 1'700'000'000'000'000u);
    BOOST_TEST(number_at(bytes, 24, 8) == 5'000'000u);
    BOOST_TEST(number_at(bytes, 32, 4) == 42u);
    BOOST_TEST(number_at(bytes, 36, 4) == 1000u);
    BOOST_TEST(number_at(bytes, 40, 4) == 1001u);
    BOOST_TEST(number_at(bytes, 44, 2) == 1u);  // type
    BOOST_TEST(number_at(bytes, 46, 2) == 2u);  // descriptors
    BOOST_TEST(system::as_text(bytes).substr(record_header_size, 7) == "READY=1");
    BOOST_TEST(number_at(bytes, 0, 4) == crc32c(std::span(bytes).subspan(4, 44 + 7)));
}

BOOST_AUTO_TEST_CASE(each_changed_byte_of_a_journal_record_is_noticed) {
    const std::string payload = "STATUS=some text";
    const Buffer whole = encoded(some_record(payload));
    for (std::size_t at = 0; at < record_header_size + payload.size(); ++at)
        for (const int bits : {0x01, 0x80, 0xFF}) {
            Buffer changed = whole;
            changed[at] ^= static_cast<std::byte>(bits);
            BOOST_TEST(decode_record(changed).has_error(), "at " << at << ", bits " << bits);
        }
}

BOOST_AUTO_TEST_CASE(a_truncated_journal_record_is_incomplete) {
    const Buffer whole = encoded(some_record("STATUS=some text"));
    for (std::size_t size = 0; size < whole.size(); ++size)
        BOOST_TEST(decode_record(std::span(whole).first(size)).error() == RecordError::incomplete);
}

BOOST_AUTO_TEST_CASE(bytes_after_a_journal_record_are_ignored) {
    Buffer bytes = encoded(some_record("first"));
    const std::size_t size = bytes.size();
    encode(some_record("second"), bytes);
    BOOST_TEST(decode_record(bytes)->record.payload == "first");
    BOOST_TEST(decode_record(std::span(bytes).subspan(size))->record.payload == "second");
}

BOOST_AUTO_TEST_CASE(a_record_size_above_the_limit_is_malformed) {
    Buffer bytes = encoded(some_record("x"));
    for (const std::uint32_t size : {std::uint32_t{longest_payload + 1}, 0xFFFFFFFFu}) {
        for (std::size_t at = 0; at < 4; ++at)
            bytes[4 + at] = static_cast<std::byte>(size >> (8 * at));
        BOOST_TEST(decode_record(bytes).error() == RecordError::malformed);
    }
}

BOOST_AUTO_TEST_CASE(zeros_are_not_a_journal_record) {
    BOOST_TEST(decode_record(Buffer(4096)).error() == RecordError::malformed);
}

BOOST_AUTO_TEST_CASE(a_record_of_an_unknown_type_is_malformed) {
    Record record = some_record("x");
    for (const int type : {0, 5, 0xFFFF}) {
        record.type = static_cast<RecordType>(type);
        BOOST_TEST(decode_record(encoded(record)).error() == RecordError::malformed);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::channel
