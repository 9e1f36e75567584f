#include <netinet/in.h>

#include "base/util/concat.hpp"
#include "base/util/lenient_number.hpp"
#include "init/directive/choices.hpp"
#include "init/properties/property_words.hpp"
#include "init/properties/settings_properties.hpp"
#include "init/unit/listen.hpp"
#include "init/unit/value.hpp"
#include "init/unit/words.hpp"

/// What is in [Socket] and in no other section.
namespace notifybridge::properties {
namespace {

namespace choices = directive::choices;
using unit::SocketSettings;
using util::concat;

/// "FAMILY GROUP"
std::string netlink_address(std::string_view text) {
    unit::WordReader words(text, unit::plain_words);
    std::string family, group;
    words.next(family);
    words.next(group);
    return concat(family, ' ', unit::parse_unsigned(group).value_or(0));
}

}  // namespace

std::string address_of(const unit::Listen& listen) {
    if (listen.type == unit::ListenType::netlink)
        return netlink_address(listen.address);
    if (listen.type == unit::ListenType::fifo || listen.type == unit::ListenType::special)
        return listen.address;
    constexpr std::string_view any_vsock = "vsock:4294967295:";
    if (unit::address_kind(listen.address) == unit::AddressKind::port)
        return concat("[::]:", util::parse_lenient_unsigned(listen.address).value_or(0));
    if (listen.address.starts_with(any_vsock))
        return concat("vsock::", listen.address.substr(any_vsock.size()));
    return listen.address;
}

namespace {

void show_addresses(const SocketSettings& socket, const AddProperty& add) {
    for (const unit::Listen& listen : socket.listen)
        add("Listen",
            concat(address_of(listen), " (", word(listen.type, choices::listen_type), ')'));
    add("Symlinks", to_property(socket.symlinks));
    add("BindIPv6Only", word(socket.bind_ipv6_only, choices::bind_ipv6_only));
    add("Backlog", std::to_string(socket.backlog));
    add("BindToDevice", socket.bind_to_device);
    add("SocketUser", socket.user);
    add("SocketGroup", socket.group);
    add("SocketMode", octal(socket.socket_mode));
    add("DirectoryMode", octal(socket.directory_mode));
    static constexpr int protocols[] = {0, IPPROTO_UDPLITE, IPPROTO_SCTP};
    add("SocketProtocol", std::to_string(protocols[static_cast<std::size_t>(socket.protocol)]));
    add("FileDescriptorName", socket.file_descriptor_name);
}

/// What setsockopt(2) and its like are told.
void show_options(const SocketSettings& socket, const AddProperty& add) {
    add("KeepAlive", to_property(socket.keep_alive));
    add("KeepAliveTimeUSec", to_property(socket.keep_alive_time));
    add("KeepAliveIntervalUSec", to_property(socket.keep_alive_interval));
    add("KeepAliveProbes", std::to_string(socket.keep_alive_probes));
    add("DeferAcceptUSec", to_property(socket.defer_accept));
    add("NoDelay", to_property(socket.no_delay));
    add("Priority", std::to_string(socket.priority.value_or(-1)));
    add("ReceiveBuffer", std::to_string(socket.receive_buffer));
    add("SendBuffer", std::to_string(socket.send_buffer));
    add("IPTOS", std::to_string(socket.ip_tos.value_or(-1)));
    add("IPTTL", std::to_string(socket.ip_ttl.value_or(-1)));
    add("PipeSize", std::to_string(socket.pipe_size));
    add("FreeBind", to_property(socket.free_bind));
    add("Transparent", to_property(socket.transparent));
    add("Broadcast", to_property(socket.broadcast));
    add("PassCredentials", to_property(socket.pass_credentials));
    add("PassSecurity", to_property(socket.pass_security));
    add("PassPacketInfo", to_property(socket.pass_packet_info));
    add("Timestamping", word(socket.timestamping, choices::timestamping));
    add("Mark", std::to_string(socket.mark.value_or(-1)));
    add("TCPCongestion", socket.tcp_congestion);
    add("ReusePort", to_property(socket.reuse_port));
}

void show_commands(const unit::Commands& commands, std::string_view name, const AddProperty& add,
                   const RunOf& run_of) {
    for (const unit::Command& command : commands)
        add(name, to_property(command, run_of ? run_of(command) : CommandRun()));
}

}  // namespace

void show_socket_settings(const SocketSettings& socket, const AddProperty& add,
                          const RunOf& run_of) {
    show_addresses(socket, add);
    show_options(socket, add);
    add("TimeoutUSec", to_property(socket.timeout));
    // systemd has it for all that runs processes, and only services can set it.
    add("NonBlocking", to_property(false));
    add("Accept", to_property(socket.accept));
    add("FlushPending", to_property(socket.flush_pending));
    add("Writable", to_property(socket.writable));
    add("RemoveOnStop", to_property(socket.remove_on_stop));
    add("MaxConnections", std::to_string(socket.max_connections));
    add("MaxConnectionsPerSource", std::to_string(socket.max_connections_per_source));
    // A connection's limit is ten times that of a listening socket: systemd.socket(5).
    add("TriggerLimitIntervalUSec",
        to_property(socket.trigger_limit_interval.value_or(std::chrono::seconds(2))));
    add("TriggerLimitBurst",
        std::to_string(socket.trigger_limit_burst.value_or(socket.accept ? 200 : 20)));
    show_commands(socket.exec_start_pre, "ExecStartPre", add, run_of);
    show_commands(socket.exec_start_post, "ExecStartPost", add, run_of);
    show_commands(socket.exec_stop_pre, "ExecStopPre", add, run_of);
    show_commands(socket.exec_stop_post, "ExecStopPost", add, run_of);
}

}  // namespace notifybridge::properties
