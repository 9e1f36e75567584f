#include "bridge/probe/connect_probe.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <span>

#include "base/system/listeners.hpp"
#include "base/system/sock_diag.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "bridge/channel/health.hpp"

namespace notifybridge::probe {
namespace {

bool is_internet(std::span<const system::SocketAddress> addresses) {
    return !addresses.empty()
           && (addresses.front().family() == AF_INET || addresses.front().family() == AF_INET6);
}

std::uint16_t port_of(const system::SocketAddress& address) {
    sockaddr_in v4{};
    static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
    std::memcpy(&v4, address.data(), std::min<std::size_t>(sizeof v4, address.size()));
    return ntohs(v4.sin_port);
}

/// Returns the literal address at which a probe can connect to a socket that listens. If the socket
/// listens on all addresses and has the port that was refused, it has no IPv4.
std::string host_for(const system::Listener& listener, std::uint16_t refused) {
    if (listener.host == "::" && listener.port == refused)
        return "::1";
    return listener.host == "::" || listener.host == "0.0.0.0" ? "127.0.0.1" : listener.host;
}

std::vector<system::Listener> tcp_listeners() {
    return system::SockDiag().listeners(system::Transport::tcp, 0);
}

bool are_same(const system::SocketAddress& one, const system::SocketAddress& other) {
    return one.size() == other.size() && std::memcmp(one.data(), other.data(), one.size()) == 0;
}

}  // namespace

std::string reason_of(boost::system::error_code error) {
    if (error.value() == ETIMEDOUT)
        return "no answer in time";
    if (error.value() == EAGAIN)
        return "accepts no more connections";
    std::string text = system::describe(error.value());
    // Converts the first letter to lower case, unless the word is an abbreviation.
    if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1])))
        text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
    return text;
}

Finding failure_of(boost::system::error_code error) {
    Finding finding;
    finding.reason = reason_of(error);
    finding.answered = error.value() != ETIMEDOUT;
    return finding;
}

ConnectProbe::ConnectProbe(event::Loop& loop, std::string description,
                           std::vector<system::SocketAddress> addresses,
                           std::chrono::microseconds limit, std::vector<int> types)
    : Probe(std::move(description)),
      addresses_(std::move(addresses)),
      types_(std::move(types)),
      limit_(limit),
      connection_(loop) {
    if (is_internet(addresses_))
        for (const system::Listener& listener : tcp_listeners())
            early_.push_back(listener.inode);
}

event::Awaitable<Finding> ConnectProbe::check() {
    Finding finding;
    if (place_ && place_->may_hang()) {
        finding = co_await place_->check_in_child();
        if (!finding.holds)
            co_return finding;
    }
    connection_.limit(limit_);
    finding = co_await find();
    connection_.close();
    co_return finding;
}

std::string ConnectProbe::hint() const {
    if (!is_refused_ || !is_internet(addresses_))
        return {};
    std::vector<system::Listener> found;
    for (const system::Listener& listener : tcp_listeners()) {
        const std::string host = host_for(listener, port_of(addresses_.front()));
        const auto address = system::SocketAddress::internet(host, listener.port);
        // The command may have begun to listen there since the last check.
        const bool is_own = address && std::ranges::any_of(addresses_, [&](const auto& own) {
                                return are_same(own, *address);
                            });
        if (!is_own && !util::contains(early_, listener.inode))
            found.push_back({host, listener.port});
    }
    return found.empty() ? "" : util::concat(channel::but_listens, system::names_of(found));
}

event::Awaitable<Finding> ConnectProbe::find() {
    Finding finding;
    is_refused_ = false;
    for (const system::SocketAddress& address : addresses_)
        for (const int type : types_) {
            const auto connected = co_await connection_.connect(address, type);
            if (connected) {
                finding = co_await ask(connection_);
                co_return finding;
            }
            // EPROTOTYPE means that the socket at a path has another type, so the next type may
            // fit. For an abstract name, the kernel reports ECONNREFUSED instead.
            is_refused_ = is_refused_ || connected.error().value() == ECONNREFUSED;
            const bool is_other_type = connected.error().value() == EPROTOTYPE;
            if (finding.reason.empty() && (!is_other_type || type == types_.back()))
                finding = failure_of(connected.error());
        }
    co_return finding;
}

event::Awaitable<Finding> ConnectProbe::ask(Connection&) {
    Finding finding;
    finding.holds = true;
    co_return finding;
}

}  // namespace notifybridge::probe
