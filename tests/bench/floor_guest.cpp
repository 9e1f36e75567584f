// A yardstick for `wait --listen`: floor-guest PATH
//
// Receives each message over a connection to PATH, sends it to $NOTIFY_SOCKET, and closes the
// connection. It handles one connection after the other, and checks nothing.

#include "posix.hpp"

namespace {

using namespace notifybridge::bench;

int listening_socket(const char* path) {
    const int fd = check(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    const sockaddr_un address = address_of(path);
    check(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), path);
    check(::listen(fd, SOMAXCONN), "listen");
    return fd;
}

/// Receives until the sender shuts the connection down. Returns the size.
std::size_t receive_all(int connection, char* buffer) {
    std::size_t size = 0;
    while (size < largest_message) {
        const auto more = static_cast<std::size_t>(
            check(::recv(connection, buffer + size, largest_message - size, 0), "recv"));
        if (more == 0)
            break;
        size += more;
    }
    return size;
}

}  // namespace

int main(int count, char** words) {
    if (count < 2)
        return 2;
    const int listening = listening_socket(words[1]);
    const int to = connected_socket(notify_socket());
    char message[largest_message];
    while (true) {
        const int connection =
            check(::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC), "accept4");
        send_message(to, message, receive_all(connection, message));
        ::close(connection);
    }
}
