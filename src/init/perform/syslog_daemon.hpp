#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/system/fd.hpp"
#include "base/system/socket_address.hpp"
#include "init/output/logged_message.hpp"

namespace notifybridge::perform {

/// A connection that forwards messages to a syslog daemon, as journald does (journald.conf(5),
/// ForwardToSyslog=). A daemon such as rsyslogd listens at the socket /run/systemd/journal/syslog
/// if the directory of this socket exists.
class SyslogDaemon {
public:
    /// Prepares to send to the daemon at the socket `path`. Logs failures.
    void find_at(const std::string& path);

    /// Sends a datagram of syslog(3) to the daemon, if there is a daemon. Never blocks. Drops the
    /// datagram if the daemon's queue is full.
    void send(std::string_view datagram);
    /// Sends the text of a message of sd_journal_send(3) to the daemon.
    void send(pid_t sender, const output::LoggedMessage& message);

private:
    system::UniqueFd socket_;
    std::optional<system::SocketAddress> address_;
    std::size_t dropped_ = 0;
};

}  // namespace notifybridge::perform
