#include "bridge/runtime/journal.hpp"

#include <fcntl.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "base/process/cgroup_unit.hpp"
#include "base/system/datagram.hpp"
#include "base/system/file.hpp"
#include "base/util/concat.hpp"

namespace notifybridge::runtime {
namespace {

using util::concat;

constexpr std::chrono::milliseconds most_waiting{1000};

/// The time between two checks. Repeated checks are needed, because the kernel reports no event
/// when the queue becomes empty.
constexpr timespec between_looks = {.tv_sec = 0, .tv_nsec = 1'000'000};

/// Connects to journald. Returns an empty descriptor if there is no journal.
system::UniqueFd connect_to(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        return {};
    std::ranges::copy(path, address.sun_path);
    auto socket = system::open_socket(AF_UNIX, SOCK_DGRAM);
    if (!socket
        || ::connect(socket->get(), reinterpret_cast<const sockaddr*>(&address), sizeof address)
               < 0)
        return {};
    return std::move(*socket);
}

/// Returns whether the receiver has not read everything yet.
bool is_queued(system::Fd socket) {
    int bytes = 0;
    return ::ioctl(socket.get(), SIOCOUTQ, &bytes) == 0 && bytes > 0;
}

/// Returns whether the descriptor is closed or is /dev/null.
bool is_discarded(int descriptor) {
    struct stat status;
    struct stat null;
    return ::fstat(descriptor, &status) < 0
           || (S_ISCHR(status.st_mode) && ::stat("/dev/null", &null) == 0
               && status.st_rdev == null.st_rdev);
}

/// Writes a line to the standard error of our parent if that is a file, a pipe or a terminal.
/// Returns whether the line was written.
bool write_to_parent(std::string_view sentence) {
    const std::string path = concat("/proc/", ::getppid(), "/fd/2");
    struct stat status;
    if (::stat(path.c_str(), &status) < 0 || S_ISSOCK(status.st_mode))
        return false;
    const system::UniqueFd file(
        ::open(path.c_str(), O_WRONLY | O_APPEND | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    const std::string line = concat("notifybridge: ", sentence, '\n');
    return file
           && ::write(file.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size());
}

}  // namespace

std::string journal_entry(JournalPriority priority, std::string_view sentence) {
    std::string line(sentence);
    std::ranges::replace(line, '\n', ' ');
    return concat("PRIORITY=", static_cast<int>(priority),
                  "\nSYSLOG_IDENTIFIER=notifybridge\nMESSAGE=", line, '\n');
}

void send_to_journal(const std::string& entry, const std::string& socket) {
    const system::UniqueFd journal = connect_to(socket);
    if (!journal || !system::send_datagram(journal, system::bytes_of(entry)))
        return;
    // journald reads datagrams in order and ignores an empty one. When journald has read the empty
    // datagram, it has handled the entry.
    if (!system::send_datagram(journal, {}))
        return;
    const auto end = std::chrono::steady_clock::now() + most_waiting;
    while (is_queued(journal) && std::chrono::steady_clock::now() < end)
        ::nanosleep(&between_looks, nullptr);
}

void write_to_journal(JournalPriority priority, std::string_view sentence) {
    if (process::unit_of_process("self").is_service())
        send_to_journal(journal_entry(priority, sentence));
}

void report_to_manager(std::string_view sentence) {
    if (is_discarded(STDERR_FILENO) && !write_to_parent(sentence))
        write_to_journal(JournalPriority::error, sentence);
}

}  // namespace notifybridge::runtime
