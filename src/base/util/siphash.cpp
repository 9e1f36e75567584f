#include "base/util/siphash.hpp"

#include <bit>

namespace notifybridge::util {
namespace {

struct State {
    std::uint64_t v0, v1, v2, v3;

    void mix() {
        v0 += v1;
        v1 = std::rotl(v1, 13) ^ v0;
        v0 = std::rotl(v0, 32);
        v2 += v3;
        v3 = std::rotl(v3, 16) ^ v2;
        v0 += v3;
        v3 = std::rotl(v3, 21) ^ v0;
        v2 += v1;
        v1 = std::rotl(v1, 17) ^ v2;
        v2 = std::rotl(v2, 32);
    }
    void take(std::uint64_t word) {
        v3 ^= word;
        mix();
        mix();
        v0 ^= word;
    }
};

/// Returns up to eight bytes as a little-endian number.
std::uint64_t to_word(std::string_view bytes) {
    std::uint64_t word = 0;
    for (std::size_t at = 0; at < bytes.size(); ++at)
        word |= std::uint64_t(static_cast<unsigned char>(bytes[at])) << (8 * at);
    return word;
}

}  // namespace

std::uint64_t siphash(std::string_view bytes, SipKey key) noexcept {
    State state{key.first ^ 0x736f6d6570736575, key.second ^ 0x646f72616e646f6d,
                key.first ^ 0x6c7967656e657261, key.second ^ 0x7465646279746573};
    const std::uint64_t size = bytes.size();
    for (; bytes.size() >= 8; bytes.remove_prefix(8))
        state.take(to_word(bytes.substr(0, 8)));
    state.take(to_word(bytes) | size << 56);
    state.v2 ^= 0xff;
    for (int round = 0; round < 4; ++round)
        state.mix();
    return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace notifybridge::util
