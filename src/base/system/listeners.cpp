#include "base/system/listeners.hpp"

#include <sys/socket.h>

#include <array>
#include <optional>

#include "base/system/file.hpp"
#include "base/system/socket_address.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/number.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::system {
namespace {

/// The part of a table that is read has room for some 1,700 sockets. Linux lists the TCP sockets
/// that listen before all others.
constexpr std::size_t most_text = 256 * 1024;

/// Reads an address such as "0100007F", whose words are in the byte order of this machine. Returns
/// an empty text if `hex` is not an address.
std::string read_host(std::string_view hex) {
    constexpr std::size_t digits_of_word = 8;
    std::array<std::uint32_t, 4> words{};
    if (hex.size() != digits_of_word && hex.size() != words.size() * digits_of_word)
        return {};
    for (std::size_t at = 0; at < hex.size(); at += digits_of_word) {
        const auto word = util::parse_number<std::uint32_t>(hex.substr(at, digits_of_word), 16);
        if (!word)
            return {};
        words[at / digits_of_word] = *word;
    }
    return literal_address(hex.size() == digits_of_word ? AF_INET : AF_INET6, words.data());
}

std::string_view take_field(std::string_view& line) {
    const std::size_t begin = line.find_first_not_of(' ');
    line.remove_prefix(begin == line.npos ? line.size() : begin);
    return util::take_until(line, ' ');
}

/// Reads a line of the table. Returns nullopt if its socket is not a listener.
std::optional<Listener> read_listener(std::string_view line, Transport transport) {
    // The numbers of TCP_LISTEN and TCP_CLOSE. A UDP socket without a peer has the second one.
    const std::string_view wanted_state = transport == Transport::tcp ? "0A" : "07";
    take_field(line);  // The number of the line.
    std::string_view local = take_field(line);
    take_field(line);  // The remote address.
    if (take_field(line) != wanted_state)
        return std::nullopt;
    for (int skipped = 0; skipped < 5; ++skipped)
        take_field(line);  // Queues, timer, retransmissions, uid, timeout.
    Listener listener;
    listener.host = read_host(util::take_until(local, ':'));
    const auto port = util::parse_number<std::uint16_t>(local, 16);
    const auto inode = util::parse_number<std::uint64_t>(take_field(line));
    if (listener.host.empty() || !port || !inode)
        return std::nullopt;
    listener.port = *port;
    listener.inode = *inode;
    return listener;
}

/// Reads a line of /proc/net/unix. Its last field is missing if the socket was not bound.
std::optional<LocalListener> read_local_listener(std::string_view line) {
    // Linux, __SO_ACCEPTCON.
    constexpr std::uint32_t listens = 1 << 16;
    constexpr std::string_view datagrams = "0002";
    take_field(line);  // The number of the line.
    take_field(line);  // The references.
    take_field(line);  // The protocol.
    const auto flags = util::parse_number<std::uint32_t>(take_field(line), 16);
    const bool has_datagrams = take_field(line) == datagrams;
    take_field(line);  // The state.
    const auto inode = util::parse_number<std::uint64_t>(take_field(line));
    if (!flags || !inode || line.empty() || !(has_datagrams || (*flags & listens) != 0))
        return std::nullopt;
    return LocalListener{std::string(line), *inode};
}

}  // namespace

bool covers(const Listener& listener, std::string_view host) {
    const bool is_v6 = host.find(':') != host.npos;
    return listener.host == host || (listener.host == "0.0.0.0" && !is_v6)
           || (listener.host == "::" && (is_v6 || !listener.is_v6_only));
}

bool is_on_loopback(const Listener& listener) {
    return listener.host.starts_with("127.") || listener.host == "::1";
}

std::string to_string(const Listener& listener) {
    const bool is_v6 = listener.host.find(':') != std::string::npos;
    return util::concat(is_v6 ? "[" : "", listener.host, is_v6 ? "]:" : ":", listener.port);
}

std::string names_of(const std::vector<Listener>& listeners) {
    constexpr std::size_t most_names = 3;
    std::vector<std::string> names;
    for (const Listener& listener : listeners)
        if (names.size() < most_names)
            util::add_once(names, to_string(listener));
    std::string text;
    for (const std::string& name : names)
        text += util::concat(text.empty() ? "" : " and ", name);
    return text;
}

std::vector<Listener> read_listeners(std::string_view table, Transport transport) {
    std::vector<Listener> listeners;
    while (!table.empty())
        if (auto listener = read_listener(util::take_until(table, '\n'), transport))
            listeners.push_back(std::move(*listener));
    return listeners;
}

std::vector<LocalListener> read_local_listeners(std::string_view table) {
    std::vector<LocalListener> listeners;
    while (!table.empty())
        if (auto listener = read_local_listener(util::take_until(table, '\n')))
            listeners.push_back(std::move(*listener));
    return listeners;
}

std::vector<Listener> listeners_in_proc(Transport transport) {
    const bool is_tcp = transport == Transport::tcp;
    std::vector<Listener> listeners =
        read_listeners(text_of(is_tcp ? "/proc/net/tcp" : "/proc/net/udp", most_text), transport);
    for (Listener& each : read_listeners(
             text_of(is_tcp ? "/proc/net/tcp6" : "/proc/net/udp6", most_text), transport))
        listeners.push_back(std::move(each));
    return listeners;
}

std::vector<LocalListener> local_listeners_in_proc() {
    return read_local_listeners(text_of("/proc/net/unix", most_text));
}

}  // namespace notifybridge::system
