#include <netinet/in.h>

#include "base/util/concat.hpp"
#include "init/files/directive/check.hpp"
#include "init/files/directive/choices.hpp"
#include "init/files/directive/directive_entry.hpp"
#include "init/files/unit/listen.hpp"

/// The directives of [Socket] (systemd.socket(5), OPTIONS).
namespace notifybridge::directive {
namespace socket_rows {

using K = unit::SocketSettings;
using unit::address_of;
using util::concat;

template <auto Member, auto Read = by_type, auto Print = by_type>
constexpr Field to = field<&unit::Settings::socket, Member, Read, Print>;

template <const auto& Words, auto Member, auto Read = choice<Words>>
constexpr Field choose = to<Member, Read, choice<Words>>;

template <unit::ListenType Type>
void listen(unit::Line& line) {
    parse::listen(line, Type, line.settings().socket.edit().listen);
}

void show_addresses(const Property& property) {
    for (const unit::Listen& listen : property.settings.socket->listen)
        property.is(concat(address_of(listen), " (",
                           choices::listen_type[static_cast<std::size_t>(listen.type)], ')'));
}

void show_protocol(const Property& property, unit::SocketProtocol protocol) {
    static constexpr int numbers[] = {0, IPPROTO_UDPLITE, IPPROTO_SCTP};
    print::value(property, numbers[static_cast<std::size_t>(protocol)]);
}

// The default of TriggerLimitIntervalSec= is 2 s. The default of TriggerLimitBurst= is 200 if
// Accept=yes, and 20 if not (systemd.socket(5)).
void show_trigger_interval(const Property& property, std::optional<util::TimeSpan> interval) {
    print::value(property, interval.value_or(std::chrono::seconds(2)));
}
void show_trigger_burst(const Property& property) {
    const K& socket = property.settings.socket;
    print::value(property, socket.trigger_limit_burst.value_or(socket.accept ? 200 : 20));
}

std::span<const Row> socket_table() {
    static const Row rows[] = {
        // clang-format off
        {"ListenStream",            honoured, listen<unit::ListenType::stream>},
        {"ListenDatagram",          honoured, listen<unit::ListenType::datagram>},
        {"ListenSequentialPacket",  honoured, listen<unit::ListenType::sequential_packet>},
        {"ListenFIFO",              honoured, listen<unit::ListenType::fifo>},
        {"ListenNetlink",           honoured, listen<unit::ListenType::netlink>},
        {"ListenSpecial",           honoured, listen<unit::ListenType::special>},
        {"BindIPv6Only",            honoured,
         choose<choices::bind_ipv6_only, &K::bind_ipv6_only, parse::ipv6_only>},
        {"Backlog",                 honoured, to<&K::backlog>},
        {"TimeoutSec",              honoured, to<&K::timeout, parse::timeout>},
        {"BindToDevice",            honoured, to<&K::bind_to_device, parse::interface>},
        {"SocketUser",              honoured, to<&K::user, parse::user_or_group>},
        {"SocketGroup",             honoured, to<&K::group, parse::user_or_group>},
        {"SocketMode",              honoured, to<&K::socket_mode, parse::mode, print::octal>},
        {"DirectoryMode",           honoured, to<&K::directory_mode, parse::mode, print::octal>},
        {"Accept",                  honoured, to<&K::accept>},
        {"FlushPending",            honoured, to<&K::flush_pending>},
        {"Writable",                honoured, to<&K::writable>},
        {"KeepAlive",               honoured, to<&K::keep_alive>},
        {"KeepAliveTimeSec",        honoured, to<&K::keep_alive_time>},
        {"KeepAliveIntervalSec",    honoured, to<&K::keep_alive_interval>},
        {"KeepAliveProbes",         honoured, to<&K::keep_alive_probes>},
        {"DeferAcceptSec",          honoured, to<&K::defer_accept>},
        {"NoDelay",                 honoured, to<&K::no_delay>},
        {"Priority",                honoured, to<&K::priority>},
        {"ReceiveBuffer",           honoured, to<&K::receive_buffer>},
        {"SendBuffer",              honoured, to<&K::send_buffer>},
        {"IPTOS",                   honoured, to<&K::ip_tos, parse::type_of_service>},
        {"IPTTL",                   honoured, to<&K::ip_ttl>},
        {"PipeSize",                honoured, to<&K::pipe_size>},
        {"FreeBind",                honoured, to<&K::free_bind>},
        {"Transparent",             honoured, to<&K::transparent>},
        {"Broadcast",               honoured, to<&K::broadcast>},
        {"PassCredentials",         honoured, to<&K::pass_credentials>},
        {"PassSecurity",            honoured, to<&K::pass_security>},
        {"PassPacketInfo",          honoured, to<&K::pass_packet_info>},
        {"Timestamping",            honoured,
         choose<choices::timestamping, &K::timestamping, parse::timestamping>},
        {"RemoveOnStop",            honoured, to<&K::remove_on_stop>},
        {"Listen",                  shown, show_addresses},
        {"Symlinks",                honoured, to<&K::symlinks, parse::paths>},
        {"Mark",                    honoured, to<&K::mark>},
        {"MaxConnections",          honoured, to<&K::max_connections>},
        {"MaxConnectionsPerSource", honoured, to<&K::max_connections_per_source>},
        {"TCPCongestion",           honoured, to<&K::tcp_congestion, parse::verbatim>},
        {"ReusePort",               honoured, to<&K::reuse_port>},
        {"ControlPID Result NConnections NAccepted NRefused", shown},
        {"FileDescriptorName",      honoured, to<&K::file_descriptor_name, parse::fd_name>},
        {"SocketProtocol",          honoured,
         to<&K::protocol, choice<choices::socket_protocol>, show_protocol>},
        {"TriggerLimitIntervalSec", honoured,
         to<&K::trigger_limit_interval, by_type, show_trigger_interval>},
        {"TriggerLimitBurst",       honoured,
         to<&K::trigger_limit_burst, by_type, show_trigger_burst>},
        {"ExecStartPre",            honoured, to<&K::exec_start_pre>},
        {"ExecStartPost",           honoured, to<&K::exec_start_post>},
        {"ExecStopPre",             honoured, to<&K::exec_stop_pre>},
        {"ExecStopPost",            honoured, to<&K::exec_stop_post>},
        {"Service",                 honoured, to<&K::service, parse::service_name, unseen>},
        {"ListenMessageQueue",      unsupported},
        {"ListenUSBFunction MessageQueueMaxMessages MessageQueueMessageSize SmackLabel "
         "SmackLabelIPIn SmackLabelIPOut SELinuxContextFromNet", meaningless},
        // clang-format on
    };
    return rows;
}

// These directives came with systemd 254 to 262.
std::span<const Row> newer_table() {
    static const Row rows[] = {
        // clang-format off
        {"PollLimitIntervalSec",      honoured,
         to<&K::poll_limit_interval, by_type, unseen>},
        {"PollLimitBurst",            honoured,
         to<&K::poll_limit_burst, by_type, unseen>},
        {"PassFileDescriptorsToExec PassPIDFD", unsupported, check::as<bool>},
        {"AcceptFileDescriptors DeferTrigger DeferTriggerMaxSec", unsupported},
        {"XAttrEntryPoint XAttrListen XAttrAccept", meaningless},
        // clang-format on
    };
    return rows;
}

}  // namespace socket_rows

std::span<const Row> socket_directives() {
    return socket_rows::socket_table();
}
std::span<const Row> newer_socket_directives() {
    return socket_rows::newer_table();
}

}  // namespace notifybridge::directive
