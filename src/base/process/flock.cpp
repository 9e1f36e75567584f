#include "base/process/flock.hpp"

#include <fcntl.h>

#include <algorithm>

#include "base/process/proc.hpp"
#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/number.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::process {
namespace {

/// Takes the next word of a line whose columns are padded with spaces.
std::string_view take_column(std::string_view& line) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    return util::take_until(line, ' ');
}

/// Returns the text of /proc/locks. One read(2) returns a page or more, and only the lines of one
/// read(2) are consistent.
std::string read_locks() {
    constexpr std::size_t most = 16 * 1024 * 1024;
    constexpr std::size_t page = 64 * 1024;  // The largest page size of all processors.
    const system::UniqueFd file(::open("/proc/locks", O_RDONLY | O_CLOEXEC));
    const auto text = system::read_text(file, most, page);
    return text ? *text : std::string();
}

}  // namespace

bool has_flock(pid_t pid, int fd) {
    const std::string text = system::text_of(util::concat("/proc/", pid, "/fdinfo/", fd));
    const std::size_t at = text.find("\nlock:");
    return at != text.npos && text.find(" FLOCK ", at) != text.npos;
}

std::vector<pid_t> flock_holders(std::string_view locks) {
    std::vector<pid_t> holders;
    while (!locks.empty()) {
        std::string_view line = util::take_until(locks, '\n');
        take_column(line);  // The number of the lock.
        if (take_column(line) != "FLOCK")
            continue;
        take_column(line);  // The word "ADVISORY".
        take_column(line);  // The word "WRITE" or "READ".
        if (const auto pid = util::parse_number<pid_t>(take_column(line)); pid && *pid > 0)
            util::add_once(holders, *pid);
    }
    return holders;
}

std::vector<pid_t> flock_holders() {
    // The text of a long file needs several calls of read(2). If a lock is released between two
    // calls, the text may lack another lock, and the next text may lack the same lock. So read the
    // file until several texts in a row show no new holder.
    constexpr int enough = 4;
    std::vector<pid_t> holders;
    for (int quiet = 0; quiet < enough;) {
        const std::size_t before = holders.size();
        for (const pid_t pid : flock_holders(read_locks()))
            util::add_once(holders, pid);
        quiet = holders.size() == before ? quiet + 1 : 0;
    }
    return holders;
}

std::optional<pid_t> flock_holder(system::Fd file) {
    for (const pid_t pid : flock_holders())
        if (std::ranges::any_of(descriptors_of(pid, file),
                                [pid](int fd) { return has_flock(pid, fd); }))
            return pid;
    return std::nullopt;
}

}  // namespace notifybridge::process
