#include "init/hands/perform/system_log.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <span>
#include <utility>

#include "base/system/clock.hpp"
#include "base/system/datagram.hpp"
#include "base/system/socket_address.hpp"
#include "base/util/concat.hpp"
#include "base/util/log.hpp"
#include "base/util/log_copy.hpp"

namespace notifybridge::perform {
namespace {

using util::concat;

/// The size in bytes at which datagrams are cut. Lines of the log are cut to smaller pieces anyway.
constexpr std::size_t longest_datagram = 128 * 1024;
constexpr mode_t directory_mode = 0755;
/// All users may log.
constexpr mode_t socket_mode = 0666;
/// The number of datagrams and lines that are handled before other coroutines run.
constexpr std::size_t batch = 64;
constexpr std::size_t longest_identifier = 64;

void log_failure(std::string_view what, const std::string& path) {
    util::log(util::Severity::info, util::Topic::process, "cannot receive log messages at ", path,
              ": ", what, ": ", system::describe(errno), "; messages sent to it are lost");
}

bool has_listener(const system::SocketAddress& address, int type) {
    const auto client = system::open_socket(AF_UNIX, type);
    return client
           && (::connect(client->get(), address.data(), address.size()) == 0
               || (errno != ENOENT && errno != ECONNREFUSED));
}

/// Reads the beginning of an entry that was sent as a file, because it did not fit into a datagram
/// (Native Journal Protocol). Accepts only a sealed regular file in memory (memfd), because reading
/// such a file does not block.
std::optional<std::size_t> read_file(system::Fd file, std::span<std::byte> buffer) {
    struct stat status {};
    const int seals = ::fcntl(file.get(), F_GET_SEALS);
    const bool is_sealed = seals >= 0 && (seals & F_SEAL_SHRINK) != 0;
    if (!is_sealed || ::fstat(file.get(), &status) < 0 || !S_ISREG(status.st_mode))
        return std::nullopt;
    const ssize_t size = ::pread(file.get(), buffer.data(), buffer.size(), 0);
    return size < 0 ? std::nullopt : std::optional(static_cast<std::size_t>(size));
}

}  // namespace

SystemLog::SystemLog(HostState& state, Reaper& reaper)
    : state_(state),
      reaper_(reaper),
      daemon_(state.poller),
      streams_(
          state.closer, [this](pid_t sender) { return reaper_.unit_of(sender); },
          [this](pid_t sender, const std::string& unit, const output::LoggedMessage& message) {
              take(sender_in(sender, unit), message);
          }) {}

SystemLog::~SystemLog() {
    util::copy_log({});
}

void SystemLog::listen(const std::string& run_directory) {
    const std::string directory = concat(run_directory, "/systemd/journal");
    ::mkdir(directory.c_str(), directory_mode);
    listen_at(concat(directory, "/dev-log"), Protocol::syslog);
    listen_at(concat(directory, "/socket"), Protocol::journal);
    listen_at(concat(directory, "/stdout"), Protocol::stream);
    daemon_.find_at(concat(directory, "/syslog"));
    state_.output.on_output = [this](const std::string& unit, pid_t pid,
                                     const output::LoggedMessage& line) {
        // The output of the syslog daemon itself would come back to us without end.
        if (const manager::Unit* const daemon = state_.find_unit("syslog.service");
            !daemon || daemon->key() != unit)
            daemon_.send(pid, line);
    };
    state_.output.on_say = [this](util::Severity severity, std::string_view text) {
        forward_own(severity, text);
    };
    util::copy_log(
        [this](util::Severity severity, std::string_view text) { forward_own(severity, text); });
}

/// Passes a line of this manager to the syslog daemon. Filters for the lines of systemd, such as
/// those of logcheck, expect this name.
void SystemLog::forward_own(util::Severity severity, std::string_view text) {
    daemon_.send(::getpid(), {severity, "systemd", text, output::daemon_facility});
}

void SystemLog::listen_at(const std::string& path, Protocol protocol) {
    if (path.size() > system::longest_socket_path) {
        errno = ENAMETOOLONG;
        return log_failure("bind", path);
    }
    const auto address = system::SocketAddress::unix_path(path);
    if (has_listener(address, protocol == Protocol::stream ? SOCK_STREAM : SOCK_DGRAM))
        return;
    if (protocol == Protocol::stream) {
        if (const std::string_view failed = streams_.listen(path, state_.output); !failed.empty())
            log_failure(failed, path);
        return;
    }
    auto socket = system::open_socket(AF_UNIX, SOCK_DGRAM);
    if (!socket)
        return log_failure("socket", path);
    system::pass_credentials(*socket);
    ::unlink(path.c_str());
    if (::bind(socket->get(), address.data(), address.size()) < 0)
        return log_failure("bind", path);
    if (::chmod(path.c_str(), socket_mode) < 0)
        return log_failure("chmod", path);
    const system::Fd reading = *socket;
    const auto take = [this, reading, protocol] { return take_some(reading, protocol); };
    if (const auto error = state_.output.attach(*std::move(socket), take)) {
        errno = error.value();
        log_failure("epoll_ctl", path);
    }
}

bool SystemLog::take_some(system::Fd socket, Protocol protocol) {
    for (std::size_t work = 0; work < batch;)
        if (state_.closer.is_full() || !take_one(socket, protocol, work))
            return false;
    return true;
}

/// Receives a datagram from `socket`. Returns false if there is none. Adds the cost of the datagram
/// to `work`: one for the datagram itself, and one for each line.
bool SystemLog::take_one(system::Fd socket, Protocol protocol, std::size_t& work) {
    if (!buffer_)
        buffer_.reset(new std::byte[longest_datagram]);
    const std::span<std::byte> buffer(buffer_.get(), longest_datagram);
    auto received = system::receive_datagram(socket, buffer);
    if (!received)
        return false;
    ++work;
    std::optional<std::size_t> size = received->size;
    if (received->sender) {
        const Sender sender = find_sender(received->sender->pid);
        if (sender.limit.is_at_limit()) {
            // Do not even read the datagram, because it may contain thousands of messages.
            sender.limit.drop_line();
        } else {
            if (!received->fds.empty() && protocol == Protocol::journal)
                size = received->fds.size() == 1 ? read_file(received->fds.front(), buffer)
                                                 : std::nullopt;
            if (size)
                work += take(sender, system::as_text(buffer.first(*size)), protocol);
        }
    }
    if (!size || !received->sender)
        ++lost_;
    state_.closer.close(std::move(received->fds));
    report_lost();
    return true;
}

void SystemLog::report_lost() {
    if (lost_ > 0 && lost_limit_.allows("lost", system::monotonic_now()))
        util::log(util::Severity::info, util::Topic::messages, "dropped ", std::exchange(lost_, 0),
                  " messages to the system log: their sender is unknown, or they were sent as "
                  "files that are not sealed (memfd)");
}

/// Finds the unit of a process. This reads /proc, so it must happen only once for each datagram.
SystemLog::Sender SystemLog::find_sender(pid_t pid) {
    return sender_in(pid, pid > 0 ? reaper_.unit_of(pid) : std::string());
}

SystemLog::Sender SystemLog::sender_in(pid_t pid, std::string unit) {
    std::size_t dropped = 0;
    output::MessageLimit::Sender& limit = limit_.sender(unit, system::monotonic_now(), dropped);
    if (dropped > 0) {
        const std::string text =
            concat("Suppressed at least ", dropped, " messages to the system log");
        if (unit.empty())
            state_.output.say(util::Severity::warning, concat("syslog: ", text));
        else
            state_.output.say(unit, util::Severity::warning, text);
    }
    return {pid, std::move(unit), limit};
}

/// Logs the messages in a datagram. Returns the number of logged lines.
std::size_t SystemLog::take(const Sender& sender, std::string_view datagram, Protocol protocol) {
    if (protocol == Protocol::syslog)
        return take(sender, output::parse_syslog(datagram), datagram);
    std::size_t lines = 0;
    // If the datagram is malformed or was cut, the entries after the fault are lost.
    output::parse_journal_entries(
        datagram, [&](const output::LoggedMessage& message) { lines += take(sender, message); });
    return lines;
}

/// Logs the lines of a message, up to the limit of the sender, and passes the message to the syslog
/// daemon. `datagram` is the message in the form of syslog(3), if the sender used this form.
/// Returns the number of logged lines.
std::size_t SystemLog::take(const Sender& sender, const output::LoggedMessage& message,
                            std::string_view datagram) {
    if (sender.limit.is_at_limit()) {
        sender.limit.drop_line();
        return 0;
    }
    if (state_.processes.has_marks() && output::is_about_mark(message))
        return 0;
    if (datagram.empty())
        daemon_.send(sender.pid, message);
    else
        daemon_.send(datagram);
    std::size_t lines = 0;
    if (!sender.unit.empty()) {
        output::for_each_line(message, [&](std::string_view line) {
            if (!sender.limit.allows_line())
                return;
            ++lines;
            state_.output.add(sender.unit, sender.pid, message.severity, line);
        });
        return lines;
    }
    // The sender belongs to no unit. It may have ended, or this manager did not start it, as with
    // `podman exec`.
    const std::string_view name = message.identifier.substr(0, longest_identifier);
    const std::string before = concat(name.empty() ? "syslog" : name, '[', sender.pid, "]: ");
    output::for_each_line({message.severity, {}, message.text}, [&](std::string_view line) {
        if (!sender.limit.allows_line())
            return;
        ++lines;
        state_.output.add(concat(before, line));
    });
    return lines;
}

}  // namespace notifybridge::perform
