#include "base/system/tcp_listeners.hpp"

#include <arpa/inet.h>

#include <array>
#include <cstring>
#include <optional>

#include "base/system/file.hpp"
#include "base/util/number.hpp"
#include "base/util/take_until.hpp"
#include "base/util/words.hpp"

namespace notifybridge::system {
namespace {

/// Reads an address such as "0100007F", whose words are in the byte order of this machine. Returns
/// an empty text if `hex` is not an address.
std::string read_host(std::string_view hex) {
    constexpr std::size_t digits_of_word = 8;
    constexpr std::string_view mapped = "::ffff:";
    std::array<std::uint32_t, 4> words{};
    if (hex.size() != digits_of_word && hex.size() != words.size() * digits_of_word)
        return {};
    for (std::size_t at = 0; at < hex.size(); at += digits_of_word) {
        const auto word = util::parse_number<std::uint32_t>(hex.substr(at, digits_of_word), 16);
        if (!word)
            return {};
        words[at / digits_of_word] = *word;
    }
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int family = hex.size() == digits_of_word ? AF_INET : AF_INET6;
    ::inet_ntop(family, words.data(), text.data(), text.size());
    std::string_view host = text.data();
    if (host.starts_with(mapped) && host.find('.') != host.npos)
        host.remove_prefix(mapped.size());
    return std::string(host);
}

std::string_view take_field(std::string_view& line) {
    const std::size_t begin = line.find_first_not_of(' ');
    line.remove_prefix(begin == line.npos ? line.size() : begin);
    return util::take_until(line, ' ');
}

/// Reads a line of the table. Returns nullopt if its socket does not listen.
std::optional<TcpListener> read_listener(std::string_view line) {
    constexpr std::string_view listen_state = "0A";
    take_field(line);  // The number of the line.
    std::string_view local = take_field(line);
    take_field(line);  // The remote address.
    if (take_field(line) != listen_state)
        return std::nullopt;
    for (int skipped = 0; skipped < 5; ++skipped)
        take_field(line);  // Queues, timer, retransmissions, uid, timeout.
    TcpListener listener;
    listener.host = read_host(util::take_until(local, ':'));
    const auto port = util::parse_number<std::uint16_t>(local, 16);
    const auto inode = util::parse_number<std::uint64_t>(take_field(line));
    if (listener.host.empty() || !port || !inode)
        return std::nullopt;
    listener.port = *port;
    listener.inode = *inode;
    return listener;
}

}  // namespace

std::vector<TcpListener> read_tcp_listeners(std::string_view table) {
    std::vector<TcpListener> listeners;
    util::take_until(table, '\n');  // The heading.
    while (!table.empty()) {
        auto listener = read_listener(util::take_until(table, '\n'));
        if (!listener)
            break;
        listeners.push_back(std::move(*listener));
    }
    return listeners;
}

std::vector<TcpListener> tcp_listeners() {
    constexpr std::size_t most_text = 64 * 1024;
    std::vector<TcpListener> listeners = read_tcp_listeners(text_of("/proc/net/tcp", most_text));
    for (TcpListener& each : read_tcp_listeners(text_of("/proc/net/tcp6", most_text)))
        listeners.push_back(std::move(each));
    return listeners;
}

}  // namespace notifybridge::system
