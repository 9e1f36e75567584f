#include <cstdint>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/notify/message.hpp"
#include "base/notify/state.hpp"

/// Computes the state of a service from its datagrams, as `wrap` does. Tests compare the results
/// with systemd's. Reads histories from standard input: the number of datagrams, and then the size
/// and the bytes of each. Numbers have 32 bits and are little-endian. Answers each history with
/// lines of NAME=VALUE and an empty line:
///
///     phase=NAME        after each datagram
///     fact.KEY=HEX      the facts at the end
///     pinged=N          the number of the last datagram with WATCHDOG=1, from 1; or 0
///     late=HEX          the datagrams for a reader that starts late
namespace notifybridge {
namespace {

std::optional<std::uint32_t> read_number() {
    std::uint32_t number;
    if (!std::cin.read(reinterpret_cast<char*>(&number), sizeof number))
        return std::nullopt;
    return number;
}

std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char byte : bytes) {
        out += digits[static_cast<unsigned char>(byte) >> 4];
        out += digits[byte & 15];
    }
    return out;
}

void answer(std::uint32_t count) {
    notify::State state;
    for (std::uint32_t number = 1; number <= count; ++number) {
        std::string datagram(read_number().value_or(0), '\0');
        std::cin.read(datagram.data(), static_cast<std::streamsize>(datagram.size()));
        const auto message = notify::parse(datagram);
        if (message && !message->has("BARRIER=1"))
            notify::fold(state, *message, {number, number});
        std::cout << "phase=" << name(state.phase) << '\n';
    }
    for (const auto& [key, value] : state.facts)
        std::cout << "fact." << name(key) << '=' << hex(value) << '\n';
    std::cout << "pinged=" << state.last_watchdog.monotonic << '\n';
    for (const std::string& datagram : notify::to_datagrams(state))
        std::cout << "late=" << hex(datagram) << '\n';
    std::cout << std::endl;
}

}  // namespace
}  // namespace notifybridge

int main() {
    while (const auto count = notifybridge::read_number())
        notifybridge::answer(*count);
}
