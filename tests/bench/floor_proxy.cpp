// A yardstick: passes an answer from an app to a client with as little work as possible.
// floor-proxy PORT accepts connections on descriptor 3, one after another. It passes one request to
// PORT of 127.0.0.1, and moves the answer back with splice(2) through a pipe.

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "posix.hpp"

namespace {

using namespace notifybridge::bench;

constexpr int listening = 3;
/// The size of a pipe in bytes. Larger pipes were not faster.
constexpr std::size_t pipe_size = 256 * 1024;

void send_without_delay(int socket) {
    const int on = 1;
    check(::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "setsockopt");
}

int connect_to(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int app = check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    check(::connect(app, reinterpret_cast<const sockaddr*>(&address), sizeof address), "connect");
    send_without_delay(app);
    return app;
}

void move_answer(int app, int client, const int (&pipe)[2]) {
    for (;;) {
        ssize_t left = ::splice(app, nullptr, pipe[1], nullptr, pipe_size, SPLICE_F_MOVE);
        if (left <= 0)
            return;
        while (left > 0) {
            const auto size = static_cast<std::size_t>(left);
            left -=
                check(::splice(pipe[0], nullptr, client, nullptr, size, SPLICE_F_MOVE), "splice");
        }
    }
}

}  // namespace

int main(int count, char** words) {
    if (count != 2)
        return 2;
    int pipe[2];
    check(::pipe2(pipe, O_CLOEXEC), "pipe2");
    ::fcntl(pipe[1], F_SETPIPE_SZ, pipe_size);
    for (;;) {
        const int client = check(::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC), "accept4");
        send_without_delay(client);
        const int app = connect_to(static_cast<std::uint16_t>(std::atoi(words[1])));
        char question[largest_message];
        const ssize_t size = check(::recv(client, question, sizeof question, 0), "recv");
        check(::send(app, question, static_cast<std::size_t>(size), MSG_NOSIGNAL), "send");
        move_answer(app, client, pipe);
        ::close(app);
        ::close(client);
    }
}
