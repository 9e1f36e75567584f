#include "init/perform/syslog_daemon.hpp"

#include <sys/socket.h>
#include <syslog.h>

#include <cerrno>
#include <utility>

#include "base/system/datagram.hpp"
#include "base/util/concat.hpp"
#include "base/util/log.hpp"

namespace notifybridge::perform {
namespace {

int priority_of(util::Severity severity) {
    switch (severity) {
        case util::Severity::error:
            return LOG_DAEMON | LOG_ERR;
        case util::Severity::warning:
            return LOG_DAEMON | LOG_WARNING;
        case util::Severity::notice:
            return LOG_DAEMON | LOG_NOTICE;
        case util::Severity::info:
            return LOG_DAEMON | LOG_INFO;
        case util::Severity::debug:
            break;
    }
    return LOG_DAEMON | LOG_DEBUG;
}

}  // namespace

void SyslogDaemon::find_at(const std::string& path) {
    auto socket = system::open_socket(AF_UNIX, SOCK_DGRAM);
    if (!socket || path.size() > system::longest_socket_path)
        return util::log(util::Severity::info, util::Topic::process,
                         "not passing messages on to the syslog daemon at ", path, ": ",
                         socket ? "the path is too long for a socket"
                                : system::describe(socket.error().value()));
    socket_ = *std::move(socket);
    address_ = system::SocketAddress::unix_path(path);
}

void SyslogDaemon::send(std::string_view datagram) {
    if (!address_)
        return;
    if (::sendto(socket_.get(), datagram.data(), datagram.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                 address_->data(), address_->size())
        < 0) {
        dropped_ += errno == EAGAIN || errno == ENOBUFS || errno == EMSGSIZE;
        return;
    }
    if (const std::size_t dropped = std::exchange(dropped_, 0); dropped > 0)
        util::log(util::Severity::warning, util::Topic::messages, "dropped ", dropped,
                  " messages to ", address_->path(),
                  ": the syslog daemon did not read them in time, or they were too long");
}

void SyslogDaemon::send(pid_t sender, const output::LoggedMessage& message) {
    if (address_)
        send(util::concat('<', priority_of(message.severity), '>',
                          message.identifier.empty() ? "journal" : message.identifier, '[', sender,
                          "]: ", message.text));
}

}  // namespace notifybridge::perform
