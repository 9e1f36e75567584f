// A yardstick: starts many programs with as little work as possible, and waits until each is ready.
//
//   floor-boot ready SOCKET COUNT COMMAND…
//
// Starts COMMAND COUNT times with NOTIFY_SOCKET=SOCKET, and receives READY=1 from each of them at
// SOCKET. Starts as many at once as there are processors.
//
//   floor-boot sockets DIRECTORY COUNT
//
// Listens at COUNT sockets in DIRECTORY.
//
// Both variants then send READY=1 themselves, and run until they are killed.

#include <sched.h>
#include <spawn.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "posix.hpp"

namespace {

using namespace notifybridge::bench;

int processors() {
    cpu_set_t set;
    check(::sched_getaffinity(0, sizeof set, &set), "sched_getaffinity");
    return CPU_COUNT(&set);
}

void spawn(char** command) {
    pid_t pid = 0;
    if (const int error = ::posix_spawnp(&pid, command[0], nullptr, nullptr, command, environ)) {
        errno = error;
        give_up(command[0]);
    }
}

void take_ready(int socket) {
    char message[largest_message];
    const std::size_t size = receive_message(socket, message, sizeof message);
    if (std::string_view(message, size) != "READY=1") {
        errno = EPROTO;
        give_up("READY=1");
    }
}

void start_programs(const char* path, int count, char** command) {
    const int socket = bound_socket(path);
    ::setenv("NOTIFY_SOCKET", path, 1);
    const int most = processors();
    for (int at = 0; at < count; ++at) {
        if (at >= most)
            take_ready(socket);
        spawn(command);
    }
    for (int left = std::min(count, most); left > 0; --left)
        take_ready(socket);
}

void listen_at_sockets(const std::string& directory, int count) {
    for (int at = 0; at < count; ++at) {
        const sockaddr_un address = address_of((directory + "/" + std::to_string(at)).c_str());
        const int fd = check(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
        check(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
        check(::listen(fd, SOMAXCONN), "listen");
    }
}

}  // namespace

int main(int count, char** words) {
    const std::string_view kind = count < 4 ? "" : words[1];
    const int socket = connected_socket(notify_socket());
    if (kind == "ready" && count > 4)
        start_programs(words[2], std::atoi(words[3]), words + 4);
    else if (kind == "sockets")
        listen_at_sockets(words[2], std::atoi(words[3]));
    else
        return 2;
    send_message(socket, "READY=1", 7);
    while (true)
        ::pause();
}
