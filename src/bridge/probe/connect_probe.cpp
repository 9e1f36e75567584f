#include "bridge/probe/connect_probe.hpp"

#include <cctype>
#include <cerrno>

namespace notifybridge::probe {

std::string reason_of(boost::system::error_code error) {
    if (error.value() == ETIMEDOUT)
        return "no answer in time";
    if (error.value() == EAGAIN)
        return "takes no more connections";
    std::string text = system::describe(error.value());
    // What is no abbreviation goes on in small letters.
    if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1])))
        text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
    return text;
}

TcpProbe::TcpProbe(event::Loop& loop, std::string description,
                   std::vector<system::SocketAddress> addresses, std::chrono::microseconds limit)
    : Probe(std::move(description)),
      addresses_(std::move(addresses)),
      limit_(limit),
      connection_(loop) {}

event::Awaitable<Finding> TcpProbe::check() {
    Finding finding;
    connection_.limit(limit_);
    for (const system::SocketAddress& address : addresses_) {
        const auto connected = co_await connection_.connect(address, SOCK_STREAM);
        finding.holds = connected.has_value();
        if (finding.holds)
            break;
        if (finding.reason.empty())
            finding.reason = reason_of(connected.error());
    }
    connection_.close();
    co_return finding;
}

UnixProbe::UnixProbe(event::Loop& loop, std::string description, system::SocketAddress address,
                     std::chrono::microseconds limit)
    : Probe(std::move(description)), address_(address), limit_(limit), connection_(loop) {}

event::Awaitable<Finding> UnixProbe::check() {
    Finding finding;
    connection_.limit(limit_);
    // Of a path the kernel says that the socket there has another type, of an abstract name only
    // that nobody listens.
    for (const int type : {SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM}) {
        const auto connected = co_await connection_.connect(address_, type);
        finding.holds = connected.has_value();
        if (finding.holds)
            break;
        if (finding.reason.empty() && connected.error().value() != EPROTOTYPE)
            finding.reason = reason_of(connected.error());
    }
    connection_.close();
    co_return finding;
}

}  // namespace notifybridge::probe
