#include "base/util/utf8.hpp"

#include "base/util/concat.hpp"
#include "base/util/eights.hpp"

namespace notifybridge::util {
namespace {

/// Returns whether `sequence` is one of U+FDD0 to U+FDEF, or one of the last two code points of a
/// plane.
bool is_noncharacter(std::string_view sequence) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(sequence[at]); };
    if (sequence.size() < 3)
        return false;
    const std::size_t last = sequence.size() - 1;
    const bool ends_a_plane = byte(last) >= 0xBE && byte(last - 1) == 0xBF
                              && (last == 3 ? (byte(1) & 0x0F) == 0x0F : byte(0) == 0xEF);
    return ends_a_plane || (sequence.starts_with("\xEF\xB7") && byte(2) >= 0x90 && byte(2) <= 0xAF);
}

/// Returns how many leading bytes of `text` are ASCII, counted in whole groups of eight.
std::size_t ascii_size(std::string_view text) {
    return leading_eights(text, [](std::uint64_t eight) { return (eight & high_bits) == 0; });
}

}  // namespace

std::size_t utf8_sequence(std::string_view text) noexcept {
    if (text.empty())
        return 0;
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80)
        return 1;

    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length)
        return 0;
    for (std::size_t at = 1; at < length; ++at)
        if ((byte(at) & 0xC0) != 0x80)
            return 0;

    const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
    const bool surrogate = lead == 0xED && byte(1) >= 0xA0;
    const bool past_the_end = lead == 0xF4 && byte(1) >= 0x90;
    return overlong || surrogate || past_the_end ? 0 : length;
}

char32_t code_point(std::string_view sequence) noexcept {
    const auto lead = static_cast<unsigned char>(sequence[0]);
    if (sequence.size() == 1)
        return lead;
    char32_t point = lead & (0x7FU >> sequence.size());
    for (const char byte : sequence.substr(1))
        point = point << 6 | (static_cast<unsigned char>(byte) & 0x3FU);
    return point;
}

bool is_utf8(std::string_view text) noexcept {
    for (;;) {
        text.remove_prefix(ascii_size(text));
        if (text.empty())
            return true;
        const std::size_t length = utf8_sequence(text);
        if (length == 0 || is_noncharacter(text.substr(0, length)))
            return false;
        text.remove_prefix(length);
    }
}

std::string_view utf8_prefix(std::string_view text, std::size_t size) noexcept {
    if (text.size() <= size)
        return text;
    constexpr std::size_t longest_character = 4;
    for (std::size_t cut = size; cut > 0 && size - cut < longest_character; --cut) {
        const bool is_inside = (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80;
        if (!is_inside)
            return text.substr(0, cut);
    }
    return text.substr(0, size);
}

std::string shorten(std::string_view text, std::size_t size) {
    const std::string_view prefix = utf8_prefix(text, size);
    return prefix.size() < text.size() ? concat(prefix, "...") : std::string(text);
}

}  // namespace notifybridge::util
