#include "init/hands/perform/syslog_daemon.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/system/datagram.hpp"
#include "base/util/concat.hpp"
#include "base/util/log.hpp"
#include "base/util/severity_name.hpp"

namespace notifybridge::perform {
namespace {

/// Returns the number before a message. Only the kernel logs with the kernel's facility, so this
/// facility counts as that of a user's program, as in journald.
int priority_of(const output::LoggedMessage& message) {
    const unsigned facility = std::max(message.facility, output::user_facility);
    return static_cast<int>(facility << 3U) + (util::priority_of(message.severity) - '0');
}

}  // namespace

void SyslogDaemon::find_at(const std::string& path) {
    if (path.size() > system::longest_socket_path)
        return util::log(util::Severity::info, util::Topic::process,
                         "not passing messages on to the syslog daemon at ", path,
                         ": the path is too long for a socket");
    address_ = system::SocketAddress::unix_path(path);
}

/// Connects the socket, because only a connected socket can be polled for room in the daemon's
/// queue. Returns false if there is no daemon.
bool SyslogDaemon::connect() {
    if (socket_)
        return true;
    auto socket = system::open_socket(AF_UNIX, SOCK_DGRAM);
    if (!address_ || !socket || ::connect(socket->get(), address_->data(), address_->size()) < 0)
        return false;
    socket_ = *std::move(socket);
    return true;
}

/// Forgets a daemon that has ended. Its queued messages are lost.
void SyslogDaemon::disconnect() {
    if (!queue_.empty())
        poller_.remove(socket_);
    dropped_ += queue_.size();
    queue_.clear();
    queued_bytes_ = 0;
    socket_.reset();
}

/// Sends a datagram. Returns false if the daemon's queue is full.
bool SyslogDaemon::send_now(std::string_view datagram) {
    if (::send(socket_.get(), datagram.data(), datagram.size(), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
        return true;
    if (errno == EAGAIN || errno == ENOBUFS)
        return false;
    if (errno == EMSGSIZE)
        ++dropped_;
    else
        disconnect();
    return true;
}

void SyslogDaemon::enqueue(std::string_view datagram) {
    if (queued_bytes_ + datagram.size() > most_queued_bytes) {
        ++dropped_;
        return;
    }
    if (queue_.empty() && poller_.add(socket_, EPOLLOUT, [this] { send_queued(); })) {
        ++dropped_;
        return;
    }
    queue_.emplace_back(datagram);
    queued_bytes_ += datagram.size();
}

void SyslogDaemon::send_queued() {
    while (!queue_.empty()) {
        if (!send_now(queue_.front()))
            return;
        // The queue is empty if the daemon has ended.
        if (queue_.empty())
            return;
        queued_bytes_ -= queue_.front().size();
        queue_.pop_front();
    }
    poller_.remove(socket_);
    report_dropped();
}

void SyslogDaemon::report_dropped() {
    if (const std::size_t dropped = std::exchange(dropped_, 0); dropped > 0)
        util::log(util::Severity::warning, util::Topic::messages, "dropped ", dropped,
                  " messages to ", address_->path(),
                  ": the syslog daemon did not read them in time, or they were too long");
}

void SyslogDaemon::send(std::string_view datagram) {
    if (!connect())
        return;
    if (!queue_.empty() || !send_now(datagram))
        return enqueue(datagram);
    if (socket_)
        return report_dropped();
    // The daemon has ended. Another one may listen at the path now.
    if (connect() && !send_now(datagram))
        enqueue(datagram);
}

void SyslogDaemon::send(pid_t sender, const output::LoggedMessage& message) {
    if (!connect())
        return;
    const std::string process = sender > 0 ? util::concat('[', sender, ']') : std::string();
    send(util::concat('<', priority_of(message), '>',
                      message.identifier.empty() ? "journal" : message.identifier, process, ": ",
                      message.text));
}

}  // namespace notifybridge::perform
