#include "base/util/utf8.hpp"

#include <array>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <iomanip>
#include <ostream>
#include <string>
#include <utility>

using namespace std::string_literals;

namespace notifybridge::util {
namespace {

struct Sequence {
    std::string bytes;
    std::size_t length;  ///< 0 if the sequence is not well formed.

    friend std::ostream& operator<<(std::ostream& out, const Sequence& sequence) {
        for (const char byte : sequence.bytes)
            out << std::hex << std::setw(2) << std::setfill('0')
                << static_cast<int>(static_cast<unsigned char>(byte)) << ' ';
        return out << std::dec;
    }
};

/// Encodes a code point as UTF-8 would, even if it is a surrogate.
std::string encoded(char32_t code) {
    const auto tail = [&](int shift) { return static_cast<char>(0x80 | ((code >> shift) & 0x3F)); };
    if (code < 0x80)
        return {static_cast<char>(code)};
    if (code < 0x800)
        return {static_cast<char>(0xC0 | (code >> 6)), tail(0)};
    if (code < 0x10000)
        return {static_cast<char>(0xE0 | (code >> 12)), tail(6), tail(0)};
    return {static_cast<char>(0xF0 | (code >> 18)), tail(12), tail(6), tail(0)};
}

// The limits in the table of RFC 3629, and the values beyond them.
const Sequence sequences[] = {
    {"\0"s, 1},
    {"\x7F", 1},
    {"\x80", 0},
    {"\xBF", 0},
    {"\xC0\x80", 0},
    {"\xC1\xBF", 0},
    {"\xC2\x80", 2},
    {"\xDF\xBF", 2},
    {"\xC2\x7F", 0},
    {"\xC2\xC0", 0},
    {"\xC2", 0},
    {"\xE0\x9F\xBF", 0},
    {"\xE0\xA0\x80", 3},
    {"\xED\x9F\xBF", 3},
    {"\xED\xA0\x80", 0},
    {"\xED\xBF\xBF", 0},
    {"\xEE\x80\x80", 3},
    {"\xEF\xBF\xBF", 3},
    {"\xE2\x82", 0},
    {"\xE2\x82\x28", 0},
    {"\xF0\x8F\xBF\xBF", 0},
    {"\xF0\x90\x80\x80", 4},
    {"\xF4\x8F\xBF\xBF", 4},
    {"\xF4\x90\x80\x80", 0},
    {"\xF0\x90\x80", 0},
    {"\xF5\x80\x80\x80", 0},
    {"\xF8\x88\x80\x80\x80", 0},
    {"\xFE", 0},
    {"\xFF", 0},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(utf8)

BOOST_DATA_TEST_CASE(the_length_of_a_utf8_sequence_follows_rfc_3629, sequences, sequence) {
    BOOST_TEST(utf8_sequence(sequence.bytes) == sequence.length);
}

BOOST_AUTO_TEST_CASE(code_points_are_valid_if_systemd_accepts_them) {
    const auto is_character = [](char32_t code) {
        return (code & 0xFFFFF800) != 0xD800 && (code < 0xFDD0 || code > 0xFDEF)
               && (code & 0xFFFE) != 0xFFFE;
    };
    for (char32_t code = 0; code < 0x110000; ++code)
        if (is_utf8(encoded(code)) != is_character(code))
            BOOST_ERROR("U+" << std::hex << static_cast<std::uint32_t>(code));
}

BOOST_AUTO_TEST_CASE(bytes_after_a_utf8_sequence_are_ignored) {
    BOOST_TEST(utf8_sequence("a\xFF") == 1u);
    BOOST_TEST(utf8_sequence("\xC3\xBC\xFF") == 2u);
}

/// The position of the byte matters, because ASCII is checked in blocks of eight bytes.
BOOST_AUTO_TEST_CASE(an_invalid_byte_is_found_anywhere_in_a_text) {
    for (std::size_t size = 1; size < 40; ++size)
        for (std::size_t at = 0; at < size; ++at) {
            std::string text(size, 'x');
            BOOST_TEST(is_utf8(text));
            text[at] = '\x80';
            BOOST_TEST(!is_utf8(text), size << " bytes, at " << at);
            text.replace(at, 1, "ü");
            BOOST_TEST(is_utf8(text), size << " bytes, at " << at);
        }
}

BOOST_AUTO_TEST_CASE(the_whole_text_has_to_be_utf8) {
    BOOST_TEST(is_utf8(""));
    BOOST_TEST(is_utf8("Grüße, 世界"));
    BOOST_TEST(!is_utf8("Grüße\xFC"));
    BOOST_TEST(!is_utf8("\xE4\xB8"));
}

BOOST_AUTO_TEST_CASE(a_long_text_is_cut_between_two_characters) {
    const std::string text = "aü世😀";
    for (const auto& [size, prefix] :
         std::to_array<std::pair<std::size_t, std::string>>({{0, ""},
                                                             {1, "a"},
                                                             {2, "a"},
                                                             {3, "aü"},
                                                             {5, "aü"},
                                                             {6, "aü世"},
                                                             {9, "aü世"},
                                                             {10, text},
                                                             {99, text}})) {
        BOOST_TEST(utf8_prefix(text, size) == prefix);
        BOOST_TEST(shorten(text, size) == (prefix == text ? text : prefix + "..."));
    }
}

BOOST_AUTO_TEST_CASE(a_text_that_is_not_utf8_is_cut_at_the_limit) {
    BOOST_TEST(utf8_prefix("\x80\x80\x80\x80\x80\x80", 4) == "\x80\x80\x80\x80");
    BOOST_TEST(utf8_prefix("\x80\x80", 1) == "\x80");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::util
