#pragma once

#include <sys/types.h>

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "base/event/poller.hpp"
#include "base/system/fd.hpp"
#include "base/system/socket_address.hpp"
#include "init/hands/output/logged_message.hpp"

namespace notifybridge::perform {

/// A connection that forwards messages to a syslog daemon, as journald does (journald.conf(5),
/// ForwardToSyslog=). A daemon such as rsyslogd listens at the socket /run/systemd/journal/syslog
/// if the directory of this socket exists.
///
/// Never blocks. If the daemon's queue is full, keeps messages in memory, up to a limit.
class SyslogDaemon {
public:
    static constexpr std::size_t most_queued_bytes = 1024 * 1024;

    explicit SyslogDaemon(event::Poller& poller) : poller_(poller) {}
    ~SyslogDaemon() { disconnect(); }

    /// Sends to the daemon at the socket `path`, whenever there is one. Logs failures.
    void find_at(const std::string& path);

    /// Sends a datagram of syslog(3) to the daemon, if there is a daemon.
    void send(std::string_view datagram);
    /// Sends a message to the daemon. `sender` is 0 if the process is not known.
    void send(pid_t sender, const output::LoggedMessage& message);

private:
    bool connect();
    void disconnect();
    bool send_now(std::string_view datagram);
    void enqueue(std::string_view datagram);
    void send_queued();
    void report_dropped();

    event::Poller& poller_;
    std::optional<system::SocketAddress> address_;
    system::UniqueFd socket_;  ///< Connected to the daemon; empty if there is no daemon.
    std::deque<std::string> queue_;
    std::size_t queued_bytes_ = 0;
    std::size_t dropped_ = 0;
};

}  // namespace notifybridge::perform
