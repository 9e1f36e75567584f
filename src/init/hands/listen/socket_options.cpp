#include "init/hands/listen/socket_options.hpp"

#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <climits>

#include "base/system/error.hpp"

namespace notifybridge::listen {
namespace {

bool set_int(system::Fd socket, int level, int name, int value) {
    return ::setsockopt(socket.get(), level, name, &value, sizeof value) == 0;
}

void require(bool done, const char* what) {
    if (!done)
        system::throw_errno("setsockopt", what);
}

class Setter {
public:
    Setter(system::Fd socket, int family) : socket_(socket), family_(family) {}

    void set(bool is_wanted, const char* directive, int level, int name, int value = 1) {
        if (is_wanted)
            note(set_int(socket_, level, name, value), directive);
    }
    /// Sets a TCP option whose value is in whole seconds.
    void set_seconds(const char* directive, util::TimeSpan span, int name) {
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(span).count();
        set(span > util::TimeSpan::zero(), directive, IPPROTO_TCP, name,
            static_cast<int>(std::min<std::int64_t>(seconds, INT_MAX)));
    }
    /// Sets the size of a buffer. Exceeds the system's limit if we have the privilege.
    void set_buffer(const char* directive, std::uint64_t size, int forced, int plain) {
        const int value = static_cast<int>(std::min<std::uint64_t>(size, INT_MAX / 2));
        if (size > 0)
            note(set_int(socket_, SOL_SOCKET, forced, value)
                     || set_int(socket_, SOL_SOCKET, plain, value),
                 directive);
    }
    void note(bool done, const char* directive) {
        if (!done)
            missing_.emplace_back(directive);
    }

    void set_tcp(const unit::SocketSettings& settings);
    void set_ip(const unit::SocketSettings& settings);
    void set_messages(const unit::SocketSettings& settings);

    std::vector<std::string> missing_;

private:
    system::Fd socket_;
    int family_;
};

void Setter::set_tcp(const unit::SocketSettings& settings) {
    set(settings.keep_alive, "KeepAlive", SOL_SOCKET, SO_KEEPALIVE);
    set_seconds("KeepAliveTimeSec", settings.keep_alive_time, TCP_KEEPIDLE);
    set_seconds("KeepAliveIntervalSec", settings.keep_alive_interval, TCP_KEEPINTVL);
    set(settings.keep_alive_probes > 0, "KeepAliveProbes", IPPROTO_TCP, TCP_KEEPCNT,
        static_cast<int>(settings.keep_alive_probes));
    set_seconds("DeferAcceptSec", settings.defer_accept, TCP_DEFER_ACCEPT);
    set(settings.no_delay, "NoDelay", IPPROTO_TCP, TCP_NODELAY);
    const std::string& congestion = settings.tcp_congestion;
    if (!congestion.empty())
        note(::setsockopt(socket_.get(), IPPROTO_TCP, TCP_CONGESTION, congestion.c_str(),
                          static_cast<socklen_t>(congestion.size()))
                 == 0,
             "TCPCongestion");
}

void Setter::set_ip(const unit::SocketSettings& settings) {
    const bool is_v6 = family_ == AF_INET6;
    set(settings.priority.has_value(), "Priority", SOL_SOCKET, SO_PRIORITY,
        settings.priority.value_or(0));
    set(settings.mark.has_value(), "Mark", SOL_SOCKET, SO_MARK, settings.mark.value_or(0));
    set(settings.ip_tos.has_value(), "IPTOS", IPPROTO_IP, IP_TOS, settings.ip_tos.value_or(0));
    if (settings.ip_ttl)
        set(true, "IPTTL", is_v6 ? IPPROTO_IPV6 : IPPROTO_IP, is_v6 ? IPV6_UNICAST_HOPS : IP_TTL,
            *settings.ip_ttl);
}

void Setter::set_messages(const unit::SocketSettings& settings) {
    set(settings.broadcast, "Broadcast", SOL_SOCKET, SO_BROADCAST);
    set(settings.pass_credentials, "PassCredentials", SOL_SOCKET, SO_PASSCRED);
    set(settings.pass_security, "PassSecurity", SOL_SOCKET, SO_PASSSEC);
    if (settings.pass_packet_info) {
        const bool is_v6 = family_ == AF_INET6, is_netlink = family_ == AF_NETLINK;
        set(true, "PassPacketInfo",
            is_v6        ? IPPROTO_IPV6
            : is_netlink ? SOL_NETLINK
                         : IPPROTO_IP,
            is_v6        ? IPV6_RECVPKTINFO
            : is_netlink ? NETLINK_PKTINFO
                         : IP_PKTINFO);
    }
    set(settings.timestamping == unit::Timestamping::us, "Timestamping", SOL_SOCKET, SO_TIMESTAMP);
    set(settings.timestamping == unit::Timestamping::ns, "Timestamping", SOL_SOCKET,
        SO_TIMESTAMPNS);
}

}  // namespace

void set_bind_options(system::Fd socket, int family, const unit::SocketSettings& settings) {
    if (family == AF_INET6 && settings.bind_ipv6_only != unit::BindIpv6Only::default_of_system)
        require(set_int(socket, IPPROTO_IPV6, IPV6_V6ONLY,
                        settings.bind_ipv6_only == unit::BindIpv6Only::ipv6_only ? 1 : 0),
                "BindIPv6Only");
    if (family == AF_INET || family == AF_INET6) {
        const std::string& device = settings.bind_to_device;
        if (!device.empty())
            require(::setsockopt(socket.get(), SOL_SOCKET, SO_BINDTODEVICE, device.c_str(),
                                 static_cast<socklen_t>(device.size()))
                        == 0,
                    "BindToDevice");
        // Ignore failures, because bind(2) reports an error if it needs the option.
        if (settings.reuse_port)
            set_int(socket, SOL_SOCKET, SO_REUSEPORT, 1);
        if (settings.free_bind)
            set_int(socket, IPPROTO_IP, IP_FREEBIND, 1);
        if (settings.transparent)
            set_int(socket, IPPROTO_IP, IP_TRANSPARENT, 1);
    }
    // The option has no effect on AF_UNIX sockets.
    if (family != AF_UNIX)
        require(set_int(socket, SOL_SOCKET, SO_REUSEADDR, 1), "SO_REUSEADDR");
}

std::vector<std::string> set_options(system::Fd socket, int family,
                                     const unit::SocketSettings& settings) {
    Setter setter(socket, family);
    setter.set_tcp(settings);
    setter.set_ip(settings);
    setter.set_messages(settings);
    setter.set_buffer("ReceiveBuffer", settings.receive_buffer, SO_RCVBUFFORCE, SO_RCVBUF);
    setter.set_buffer("SendBuffer", settings.send_buffer, SO_SNDBUFFORCE, SO_SNDBUF);
    return std::move(setter.missing_);
}

}  // namespace notifybridge::listen
