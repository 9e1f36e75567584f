// A yardstick for our relay: does the least work that a relay can do. It checks nothing that the
// peer sends, keeps no state, and ends only by a signal.
//
//   floor-relay hop SOCKET
//
// Uses one process, which sends from SOCKET directly to $NOTIFY_SOCKET.
//
//   floor-relay wrap DIRECTORY COMMAND…
//   floor-relay wait DIRECTORY COMMAND…
//
// Uses two processes with a file and inotify between them. The steps are those of notifybridge:
// recvmsg, write, inotify, pread, sendmsg. Both processes end with COMMAND's status.
//
//   floor-relay keep DIRECTORY COMMAND…
//   floor-relay poll DIRECTORY COMMAND…
//
// Does the same, but the file contains only the last message, and poll reads the file twice a
// second.

#include <spawn.h>
#include <sys/inotify.h>
#include <sys/wait.h>

#include <csignal>
#include <string>
#include <string_view>

#include "posix.hpp"

namespace {

using namespace notifybridge::bench;

constexpr std::size_t batch_size = 64 * 1024;
constexpr std::int64_t poll_interval = nanoseconds_a_second / 2;

/// Starts the command. When the command ends, a signal handler exits with the command's status.
void start(char** command) {
    std::signal(SIGCHLD, [](int) {
        int status = 0;
        if (::waitpid(-1, &status, WNOHANG) > 0)
            _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    });
    pid_t pid = 0;
    if (const int error = ::posix_spawnp(&pid, command[0], nullptr, nullptr, command, environ)) {
        errno = error;
        give_up(command[0]);
    }
}

int open_journal(const std::string& directory, int flags) {
    const std::string path = directory + "/journal";
    return check(::open(path.c_str(), flags | O_CREAT | O_CLOEXEC, 0644), path.c_str());
}

[[noreturn]] void hop(const char* path) {
    const int from = bound_socket(path);
    const int to = connected_socket(notify_socket());
    char message[largest_message];
    while (true)
        send_message(to, message, receive_message(from, message, sizeof message));
}

int socket_for_command(const std::string& directory) {
    const std::string path = directory + "/notify.sock";
    ::unlink(path.c_str());  // Remove the file of an earlier run.
    const int socket = bound_socket(path.c_str());
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    return socket;
}

/// Writes each received message to the journal. A record is the size of the message in two bytes,
/// and then the message.
[[noreturn]] void wrap(const std::string& directory, char** command) {
    const int journal = open_journal(directory, O_WRONLY | O_APPEND);
    const int socket = socket_for_command(directory);
    start(command);
    char record[sizeof(std::uint16_t) + largest_message];
    while (true) {
        const auto size = static_cast<std::uint16_t>(
            receive_message(socket, record + sizeof(std::uint16_t), largest_message));
        std::memcpy(record, &size, sizeof size);
        check(::write(journal, record, sizeof size + size), "write");
    }
}

/// Sends each complete record of `bytes`. Returns the number of bytes that it has sent.
std::size_t send_records(int to, const char* bytes, std::size_t count) {
    std::size_t at = 0;
    while (at + sizeof(std::uint16_t) <= count) {
        std::uint16_t size = 0;
        std::memcpy(&size, bytes + at, sizeof size);
        if (at + sizeof size + size > count)
            break;
        send_message(to, bytes + at + sizeof size, size);
        at += sizeof size + size;
    }
    return at;
}

[[noreturn]] void wait(const std::string& directory, char** command) {
    const int to = connected_socket(notify_socket());
    const int journal = open_journal(directory, O_RDONLY);
    const int changes = check(::inotify_init1(IN_CLOEXEC), "inotify_init1");
    const std::string path = directory + "/journal";
    check(::inotify_add_watch(changes, path.c_str(), IN_MODIFY), path.c_str());
    start(command);
    off_t position = 0;
    static char bytes[batch_size];
    while (true) {
        check(::read(changes, bytes, sizeof bytes), "read inotify");
        while (true) {
            const auto count = static_cast<std::size_t>(
                check(::pread(journal, bytes, sizeof bytes, position), "pread"));
            position += static_cast<off_t>(send_records(to, bytes, count));
            if (count < sizeof bytes)
                break;
        }
    }
}

[[noreturn]] void keep(const std::string& directory, char** command) {
    const int journal = open_journal(directory, O_WRONLY);
    const int socket = socket_for_command(directory);
    start(command);
    char message[largest_message];
    while (true) {
        const std::size_t size = receive_message(socket, message, sizeof message);
        check(::pwrite(journal, message, size, 0), "pwrite");
        check(::ftruncate(journal, static_cast<off_t>(size)), "ftruncate");
    }
}

[[noreturn]] void poll(const std::string& directory, char** command) {
    const int to = connected_socket(notify_socket());
    const int journal = open_journal(directory, O_RDONLY);
    start(command);
    std::string last;
    char message[largest_message];
    while (true) {
        const auto size =
            static_cast<std::size_t>(check(::pread(journal, message, sizeof message, 0), "pread"));
        if (std::string_view(message, size) != last) {
            last.assign(message, size);
            send_message(to, message, size);
        }
        sleep_until(now() + poll_interval);
    }
}

}  // namespace

int main(int count, char** words) {
    const std::string_view kind = count < 3 ? "" : words[1];
    if (kind == "hop")
        hop(words[2]);
    if (count < 4)
        return 2;
    if (kind == "wrap")
        wrap(words[2], words + 3);
    if (kind == "wait")
        wait(words[2], words + 3);
    if (kind == "keep")
        keep(words[2], words + 3);
    if (kind == "poll")
        poll(words[2], words + 3);
    return 2;
}
