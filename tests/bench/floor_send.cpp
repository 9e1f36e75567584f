// A baseline for benchmarks. Sends a message to systemd with as little work as possible, and waits
// until systemd has processed it (sd_notify_barrier(3)). Usage: floor-send MESSAGE.

#include <poll.h>

#include "posix.hpp"

namespace {

using namespace notifybridge::bench;

void send_barrier(int socket, int fd) {
    char text[] = "BARRIER=1";
    iovec part{text, sizeof text - 1};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof fd)] = {};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* const item = CMSG_FIRSTHDR(&message);
    item->cmsg_level = SOL_SOCKET;
    item->cmsg_type = SCM_RIGHTS;
    item->cmsg_len = CMSG_LEN(sizeof fd);
    std::memcpy(CMSG_DATA(item), &fd, sizeof fd);
    check(::sendmsg(socket, &message, MSG_NOSIGNAL), "sendmsg");
}

}  // namespace

int main(int count, char** words) {
    if (count != 2)
        return 2;
    const int socket = connected_socket(notify_socket());
    send_message(socket, words[1], std::strlen(words[1]));
    int ends[2];
    check(::pipe2(ends, O_CLOEXEC), "pipe2");
    send_barrier(socket, ends[1]);
    ::close(ends[1]);
    pollfd end{ends[0], 0, 0};
    check(::poll(&end, 1, -1), "poll");
}
