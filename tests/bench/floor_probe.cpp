// A yardstick: checks with as little work as possible whether a program is up, and sends READY=1.
// floor-probe KIND TARGET checks each millisecond. KIND and TARGET are tcp PORT, http PORT (200 for
// GET /), unix PATH or file PATH. `floor-probe log TEXT` waits for TEXT on standard input.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/stat.h>

#include <string>
#include <string_view>

#include "posix.hpp"

namespace {

using namespace notifybridge::bench;

constexpr std::int64_t pause_of_a_look = 1'000'000;

/// Returns a stream socket that is connected to this address, or -1.
template <typename Address>
int connected(int family, const Address& address) {
    const int fd = check(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        return fd;
    ::close(fd);
    return -1;
}

int connected_to_port(const char* port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(port)));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return connected(AF_INET, address);
}

bool answers(const char* port) {
    constexpr std::string_view request =
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    const int fd = connected_to_port(port);
    if (fd < 0)
        return false;
    char answer[4096] = {};
    const bool said = ::send(fd, request.data(), request.size(), MSG_NOSIGNAL) > 0
                      && ::recv(fd, answer, sizeof answer - 1, 0) > 0;
    ::close(fd);
    return said && std::strstr(answer, " 200 ") != nullptr;
}

void await_text(const char* text) {
    std::string seen;
    char piece[4096];
    while (seen.find(text) == std::string::npos)
        seen.append(piece, static_cast<std::size_t>(check(::read(0, piece, sizeof piece), "read")));
}

bool is_up(std::string_view kind, const char* target) {
    struct stat status;
    if (kind == "file")
        return ::stat(target, &status) == 0;
    if (kind == "http")
        return answers(target);
    const int fd =
        kind == "tcp" ? connected_to_port(target) : connected(AF_UNIX, address_of(target));
    if (fd >= 0)
        ::close(fd);
    return fd >= 0;
}

}  // namespace

int main(int count, char** words) {
    if (count != 3)
        return 2;
    const int socket = connected_socket(notify_socket());
    if (words[1] == std::string_view("log"))
        await_text(words[2]);
    else
        while (!is_up(words[1], words[2]))
            sleep_until(now() + pause_of_a_look);
    send_message(socket, "READY=1", 7);
}
