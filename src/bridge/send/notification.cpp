#include "bridge/send/notification.hpp"

#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "base/notify/blocking.hpp"
#include "base/notify/message.hpp"
#include "base/process/environment.hpp"
#include "base/system/clock.hpp"
#include "base/system/error.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/send/failure.hpp"
#include "bridge/send/source.hpp"

namespace notifybridge::send {
namespace {

using util::concat;

constexpr std::chrono::seconds barrier_patience(5);
// The kernel allows this many descriptors in a datagram (SCM_MAX_FD).
constexpr std::size_t most_fds = 253;

void refuse_torn(std::string_view assignment) {
    if (notify::ends_in_escape(assignment))
        throw Failure(concat(util::quote(assignment),
                             " ends in a backslash: systemd would treat the line break as escaped "
                             "and lose the message; double the backslash, or remove it"));
}

notify::Address find_address(const Notification& notification) {
    constexpr std::string_view failed = "Failed to notify service manager: ";
    if (notification.shared_directory && notification.shared_directory->empty())
        throw Failure(concat(failed, "no directory is given with --shared-dir"));
    if (notification.shared_directory) {
        std::string path = concat(*notification.shared_directory, '/', channel::socket_name);
        if (path.size() > system::longest_socket_path)
            throw Failure(concat(failed, util::quote(path), ": ",
                                 notify::explain(notify::AddressError::too_long)));
        return {notify::Address::Kind::path, std::move(path), 0, 0, SOCK_DGRAM};
    }
    const auto text = process::environment_variable("NOTIFY_SOCKET");
    if (!text)
        throw Failure("No status data could be sent: $NOTIFY_SOCKET was not set");
    auto address = notify::parse_address(*text);
    if (address)
        return std::move(*address);
    // systemd-notify prints only the error.
    const bool is_long = address.error() == notify::AddressError::too_long;
    throw Failure(concat(failed, system::describe(is_long ? ENAMETOOLONG : EINVAL),
                         "; $NOTIFY_SOCKET is ", util::quote(*text), ": ",
                         notify::explain(address.error())));
}

/// Returns what to do if the socket of `--shared-dir` refuses the message. Returns an empty text
/// for NOTIFY_SOCKET, because systemd-notify prints only the error in this case.
std::string remedy_of(int error, const std::optional<std::string>& shared_directory) {
    if (!shared_directory)
        return {};
    if (error == ENOENT || error == ENOTDIR || error == ECONNREFUSED)
        return concat("; no `wrap` uses ", util::quote(*shared_directory),
                      ": start the container, or correct --shared-dir");
    if (error == EACCES)
        return concat("; send as the user of the `wrap` in ", util::quote(*shared_directory),
                      ", or start it with --socket-mode=0666");
    return {};
}

/// Changes only the real ids. The effective ids of root are still needed to send with another
/// process's pid.
void change_user(const system::Resolved& user) {
    if (user.gid && ::setregid(*user.gid, static_cast<gid_t>(-1)) < 0)
        throw Failure(concat("Failed to change GID: ", system::describe(errno)));
    if (::setreuid(user.uid, static_cast<uid_t>(-1)) < 0)
        throw Failure(concat("Failed to change UID: ", system::describe(errno)));
}

/// Returns the credentials to send. Returns nullopt if the kernel adds the right credentials
/// itself.
std::optional<system::Credentials> find_credentials(pid_t source) {
    if (source == ::getpid() && ::getuid() == ::geteuid() && ::getgid() == ::getegid())
        return std::nullopt;
    return system::Credentials{source, ::getuid(), ::getgid()};
}

/// Returns the text of the message. Throws Failure if an assignment ends in a backslash, or if the
/// text is too long.
std::string text_of(const Notification& notification) {
    for (const std::string& assignment : notification.assignments)
        refuse_torn(assignment);
    if (notification.announcement.status)
        refuse_torn(*notification.announcement.status);
    std::string text;
    for (const std::string& assignment :
         notify::combine(notify::assignments(notification.announcement, system::monotonic_now()),
                         notification.assignments))
        text += concat(text.empty() ? "" : "\n", assignment);
    if (text.size() > notify::longest_datagram)
        throw Failure(concat("The message has ", text.size(),
                             " bytes, but a service manager drops messages of more than ",
                             notify::longest_datagram, "; shorten it, or send several messages"));
    return text;
}

}  // namespace

void send(Notification notification) {
    const std::string text = text_of(notification);
    if (notification.user)
        change_user(*notification.user);
    notify::Sender sender(find_address(notification));
    const auto credentials =
        find_credentials(notification.source ? *notification.source : find_source());
    if (notification.fds.size() > most_fds)
        throw Failure("Too many file descriptors passed.");
    const std::vector<system::Fd> fds(notification.fds.begin(), notification.fds.end());
    if (const auto error = notify::send_waiting(sender, text, fds, credentials))
        throw Failure(concat("Failed to notify service manager: ", system::describe(error.value()),
                             remedy_of(error.value(), notification.shared_directory)));
    notification.fds.clear();
    // A vsock cannot transfer the descriptor that a barrier needs. A barrier is also not needed:
    // over a vsock, `send_waiting` waits until the peer has read the message.
    if (!notification.waits || sender.address().kind == notify::Address::Kind::vsock)
        return;
    if (const auto error = notify::wait_for_barrier(sender, credentials, barrier_patience))
        throw Failure(concat("Failed to invoke barrier: ", system::describe(error.value())));
}

}  // namespace notifybridge::send
