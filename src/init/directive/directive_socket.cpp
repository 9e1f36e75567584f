#include "init/directive/choices.hpp"
#include "init/directive/directive_entry.hpp"
#include "init/directive/parse.hpp"

/// [Socket]: systemd.socket(5), OPTIONS.
namespace notifybridge::directive {
namespace {

using K = unit::SocketSettings;

template <auto Parse, auto Member>
constexpr auto to = into<Parse, &unit::Settings::socket, Member>;

template <const auto& Words, auto Member>
constexpr auto choose = choose_into<Words, &unit::Settings::socket, Member>;

constexpr auto socket_table = std::to_array<Directive>({
    // clang-format off
    {"ListenStream",            honoured,    to<parse::listen, &K::listen>},
    {"ListenDatagram",          honoured,    to<parse::listen, &K::listen>},
    {"ListenSequentialPacket",  honoured,    to<parse::listen, &K::listen>},
    {"ListenFIFO",              honoured,    to<parse::listen, &K::listen>},
    {"ListenNetlink",           honoured,    to<parse::listen, &K::listen>},
    {"ListenSpecial",           honoured,    to<parse::listen, &K::listen>},
    {"ListenMessageQueue",      unsupported},
    {"ListenUSBFunction",       meaningless},
    {"SocketProtocol",          honoured,    choose<choices::socket_protocol, &K::protocol>},
    {"BindIPv6Only",            honoured,    to<parse::ipv6_only, &K::bind_ipv6_only>},
    {"Backlog",                 honoured,    to<parse::unsigned_number, &K::backlog>},
    {"BindToDevice",            honoured,    to<parse::interface, &K::bind_to_device>},
    {"ExecStartPre",            honoured,    to<parse::commands, &K::exec_start_pre>},
    {"ExecStartPost",           honoured,    to<parse::commands, &K::exec_start_post>},
    {"ExecStopPre",             honoured,    to<parse::commands, &K::exec_stop_pre>},
    {"ExecStopPost",            honoured,    to<parse::commands, &K::exec_stop_post>},
    {"TimeoutSec",              honoured,    to<parse::timeout, &K::timeout>},
    {"SocketUser",              honoured,    to<parse::user_or_group, &K::user>},
    {"SocketGroup",             honoured,    to<parse::user_or_group, &K::group>},
    {"SocketMode",              honoured,    to<parse::mode, &K::socket_mode>},
    {"DirectoryMode",           honoured,    to<parse::mode, &K::directory_mode>},
    {"Accept",                  honoured,    to<parse::boolean, &K::accept>},
    {"FlushPending",            honoured,    to<parse::boolean, &K::flush_pending>},
    {"Writable",                honoured,    to<parse::boolean, &K::writable>},
    {"MaxConnections",          honoured,    to<parse::unsigned_number, &K::max_connections>},
    {"MaxConnectionsPerSource", honoured,
     to<parse::unsigned_number, &K::max_connections_per_source>},
    {"KeepAlive",               honoured,    to<parse::boolean, &K::keep_alive>},
    {"KeepAliveTimeSec",        honoured,    to<parse::seconds, &K::keep_alive_time>},
    {"KeepAliveIntervalSec",    honoured,    to<parse::seconds, &K::keep_alive_interval>},
    {"KeepAliveProbes",         honoured,    to<parse::unsigned_number, &K::keep_alive_probes>},
    {"DeferAcceptSec",          honoured,    to<parse::seconds, &K::defer_accept>},
    {"NoDelay",                 honoured,    to<parse::boolean, &K::no_delay>},
    {"Priority",                honoured,    to<parse::integer, &K::priority>},
    {"ReceiveBuffer",           honoured,    to<parse::size, &K::receive_buffer>},
    {"SendBuffer",              honoured,    to<parse::size, &K::send_buffer>},
    {"IPTOS",                   honoured,    to<parse::type_of_service, &K::ip_tos>},
    {"IPTTL",                   honoured,    to<parse::integer, &K::ip_ttl>},
    {"Mark",                    honoured,    to<parse::integer, &K::mark>},
    {"PipeSize",                honoured,    to<parse::size, &K::pipe_size>},
    {"FreeBind",                honoured,    to<parse::boolean, &K::free_bind>},
    {"Transparent",             honoured,    to<parse::boolean, &K::transparent>},
    {"Broadcast",               honoured,    to<parse::boolean, &K::broadcast>},
    {"PassCredentials",         honoured,    to<parse::boolean, &K::pass_credentials>},
    {"PassSecurity",            honoured,    to<parse::boolean, &K::pass_security>},
    {"PassPacketInfo",          honoured,    to<parse::boolean, &K::pass_packet_info>},
    {"Timestamping",            honoured,    to<parse::timestamping, &K::timestamping>},
    {"TCPCongestion",           honoured,    to<parse::verbatim, &K::tcp_congestion>},
    {"ReusePort",               honoured,    to<parse::boolean, &K::reuse_port>},
    {"MessageQueueMaxMessages", meaningless},
    {"MessageQueueMessageSize", meaningless},
    {"RemoveOnStop",            honoured,    to<parse::boolean, &K::remove_on_stop>},
    {"Symlinks",                honoured,    to<parse::paths, &K::symlinks>},
    {"FileDescriptorName",      honoured,    to<parse::fd_name, &K::file_descriptor_name>},
    {"Service",                 honoured,    to<parse::service_name, &K::service>},
    {"TriggerLimitIntervalSec", honoured,
     to<parse::optional_seconds, &K::trigger_limit_interval>},
    {"TriggerLimitBurst",       honoured,    to<parse::optional_unsigned, &K::trigger_limit_burst>},
    {"SmackLabel",              meaningless},
    {"SmackLabelIPIn",          meaningless},
    {"SmackLabelIPOut",         meaningless},
    {"SELinuxContextFromNet",   meaningless},
    // clang-format on
});

// systemd 254 to 258.
constexpr auto newer_table = std::to_array<Directive>({
    // clang-format off
    {"PollLimitIntervalSec",      honoured,
     to<parse::optional_seconds, &K::poll_limit_interval>, undocumented},
    {"PollLimitBurst",            honoured,
     to<parse::optional_unsigned, &K::poll_limit_burst>, undocumented},
    {"PassFileDescriptorsToExec", unsupported, nullptr, undocumented},
    {"PassPIDFD",                 unsupported, nullptr, undocumented},
    // clang-format on
});

}  // namespace

const std::span<const Directive> socket_directives = socket_table;
const std::span<const Directive> newer_socket_directives = newer_table;

}  // namespace notifybridge::directive
