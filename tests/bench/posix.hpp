#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

/// The code that the benchmark's programs share. It uses nothing from src/, so that slow code there
/// does not affect the yardsticks.
namespace notifybridge::bench {

constexpr std::int64_t nanoseconds_a_second = 1'000'000'000;

/// The size of the buffers, which is larger than any message of the benchmark.
constexpr std::size_t largest_message = 4096;

[[noreturn]] inline void give_up(const char* what) {
    std::perror(what);
    _exit(1);
}

/// Returns the result of a system call. Ends the program if it failed.
template <typename Result>
Result check(Result result, const char* what) {
    if (result < 0)
        give_up(what);
    return result;
}

/// Returns the time of CLOCK_MONOTONIC in nanoseconds. All processes have the same clock.
inline std::int64_t now() {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * nanoseconds_a_second + time.tv_nsec;
}

inline void sleep_until(std::int64_t nanoseconds) {
    timespec time{};
    time.tv_sec = nanoseconds / nanoseconds_a_second;
    time.tv_nsec = nanoseconds % nanoseconds_a_second;
    while (::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr) == EINTR)
        continue;
}

inline sockaddr_un address_of(const char* path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (std::strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        give_up(path);
    }
    std::strcpy(address.sun_path, path);
    return address;
}

inline int datagram_socket() {
    return check(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
}

/// Returns a socket that receives at `path`.
inline int bound_socket(const char* path) {
    const int fd = datagram_socket();
    const sockaddr_un address = address_of(path);
    check(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), path);
    return fd;
}

/// Returns a socket that sends to `path`.
inline int connected_socket(const char* path) {
    const int fd = datagram_socket();
    const sockaddr_un address = address_of(path);
    check(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), path);
    return fd;
}

/// Maps a file with room for `count` times, which two processes share.
inline std::int64_t* shared_times(const char* path, std::int64_t count) {
    const int fd = check(::open(path, O_RDWR | O_CLOEXEC), path);
    const auto size = static_cast<std::size_t>(count) * sizeof(std::int64_t);
    void* const times = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (times == MAP_FAILED)
        give_up("mmap");
    return static_cast<std::int64_t*>(times);
}

/// Returns the address for messages (sd_notify(3)).
inline const char* notify_socket() {
    const char* path = std::getenv("NOTIFY_SOCKET");
    if (path == nullptr) {
        errno = EDESTADDRREQ;
        give_up("NOTIFY_SOCKET");
    }
    return path;
}

inline void send_message(int socket, const char* bytes, std::size_t size) {
    iovec part{const_cast<char*>(bytes), size};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    check(::sendmsg(socket, &message, MSG_NOSIGNAL), "sendmsg");
}

inline std::size_t receive_message(int socket, char* buffer, std::size_t size) {
    iovec part{buffer, size};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    return static_cast<std::size_t>(
        check(::recvmsg(socket, &message, MSG_CMSG_CLOEXEC), "recvmsg"));
}

}  // namespace notifybridge::bench
