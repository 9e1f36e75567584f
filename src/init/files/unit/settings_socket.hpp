#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "init/files/unit/settings_values.hpp"

/// The settings of [Socket] (systemd.socket(5)).
namespace notifybridge::unit {

enum class ListenType : std::uint8_t {
    stream,
    datagram,
    sequential_packet,
    fifo,
    netlink,
    special
};
enum class BindIpv6Only : std::uint8_t { default_of_system, both, ipv6_only };
enum class SocketProtocol : std::uint8_t { unset, udplite, sctp };
enum class Timestamping : std::uint8_t { off, us, ns };

struct Listen {
    ListenType type;
    std::string address;  ///< The text with specifiers replaced. The text is valid for its type.

    bool operator==(const Listen&) const = default;
};

struct SocketSettings {
    std::vector<Listen> listen;
    SocketProtocol protocol = SocketProtocol::unset;
    BindIpv6Only bind_ipv6_only = BindIpv6Only::default_of_system;
    unsigned backlog = 0x7FFFFFFF;
    std::string bind_to_device;
    Commands exec_start_pre;
    Commands exec_start_post;
    Commands exec_stop_pre;
    Commands exec_stop_post;
    TimeSpan timeout = std::chrono::seconds(90);
    std::string user;
    std::string group;
    mode_t socket_mode = 0666;
    mode_t directory_mode = 0755;
    bool accept = false;
    bool flush_pending = false;
    bool writable = false;
    unsigned max_connections = 64;
    unsigned max_connections_per_source = 0;
    bool keep_alive = false;
    TimeSpan keep_alive_time = TimeSpan::zero();
    TimeSpan keep_alive_interval = TimeSpan::zero();
    unsigned keep_alive_probes = 0;
    TimeSpan defer_accept = TimeSpan::zero();
    bool no_delay = false;
    std::optional<int> priority;
    std::uint64_t receive_buffer = 0;
    std::uint64_t send_buffer = 0;
    std::optional<int> ip_tos;
    std::optional<int> ip_ttl;
    std::optional<int> mark;
    std::uint64_t pipe_size = 0;
    bool free_bind = false;
    bool transparent = false;
    bool broadcast = false;
    bool pass_credentials = false;
    bool pass_security = false;
    bool pass_packet_info = false;
    Timestamping timestamping = Timestamping::off;
    std::string tcp_congestion;
    bool reuse_port = false;
    bool remove_on_stop = false;
    Paths symlinks;
    /// The name of the listening descriptors. The name of a connection is always "connection".
    std::string file_descriptor_name;
    std::string service;
    std::optional<TimeSpan> trigger_limit_interval;
    std::optional<unsigned> trigger_limit_burst;
    std::optional<TimeSpan> poll_limit_interval;
    std::optional<unsigned> poll_limit_burst;
};

}  // namespace notifybridge::unit
