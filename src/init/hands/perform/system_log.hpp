#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/util/log_limit.hpp"
#include "init/hands/output/logged_message.hpp"
#include "init/hands/output/message_limit.hpp"
#include "init/hands/perform/host_state.hpp"
#include "init/hands/perform/reaper.hpp"
#include "init/hands/perform/stream_log.hpp"
#include "init/hands/perform/syslog_daemon.hpp"

namespace notifybridge::perform {

/// The receiver of the messages that programs log with syslog(3) and sd_journal_send(3), and of the
/// streams of systemd-cat(1), in place of journald. It passes the lines to the output of the
/// sender's unit, and to a syslog daemon. The syslog daemon also gets the lines of units and of the
/// manager.
class SystemLog {
public:
    SystemLog(HostState& state, Reaper& reaper);
    ~SystemLog();

    /// Creates the sockets `dev-log`, `socket` and `stdout` in systemd/journal below
    /// `run_directory`. Skips a socket if another process already listens at its path. Logs
    /// failures.
    void listen(const std::string& run_directory);

    /// Forgets the number of messages that a unit has logged.
    void forget(const std::string& unit) { limit_.forget(unit); }

private:
    enum class Protocol { syslog, journal, stream };

    void listen_at(const std::string& path, Protocol protocol);
    /// The process that sent a datagram, its unit, and the limit for this unit.
    struct Sender {
        pid_t pid;
        std::string unit;
        output::MessageLimit::Sender& limit;
    };

    bool take_some(system::Fd socket, Protocol protocol);
    bool take_one(system::Fd socket, Protocol protocol, std::size_t& work);
    Sender find_sender(pid_t pid);
    Sender sender_in(pid_t pid, std::string unit);
    std::size_t take(const Sender& sender, std::string_view datagram, Protocol protocol);
    std::size_t take(const Sender& sender, const output::LoggedMessage& message,
                     std::string_view datagram = {});
    void report_lost();
    void forward_own(util::Severity severity, std::string_view text);

    HostState& state_;
    Reaper& reaper_;
    SyslogDaemon daemon_;
    StreamLog streams_;
    output::MessageLimit limit_;
    std::unique_ptr<std::byte[]> buffer_;  ///< Null until the first message.
    std::size_t lost_ = 0;                 ///< The number of datagrams that could not be read.
    util::LogLimit lost_limit_;
};

}  // namespace notifybridge::perform
