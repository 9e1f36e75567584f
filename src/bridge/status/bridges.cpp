#include "bridge/status/bridges.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/process/proc.hpp"
#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/number.hpp"
#include "base/util/take_until.hpp"
#include "bridge/channel/host_file.hpp"
#include "bridge/status/unit.hpp"

namespace notifybridge::status {
namespace {

using util::concat;

/// The next word of a line, whose columns are padded.
std::string_view take_column(std::string_view& line) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    return util::take_until(line, ' ');
}

/// Whether the descriptor's own open file has a lock of flock(2): in "lock:	1: FLOCK  ADVISORY
/// WRITE 814 00:1a:1234 0 EOF" of /proc/PID/fdinfo/FD.
bool has_flock(pid_t pid, int fd) {
    const std::string text = system::text_of(concat("/proc/", pid, "/fdinfo/", fd));
    const std::size_t at = text.find("\nlock:");
    return at != text.npos && text.find(" FLOCK ", at) != text.npos;
}

/// The directory that this descriptor has locked, where it is a `wait`'s.
system::UniqueFd open_locked(pid_t pid, int fd) {
    const std::string path = concat("/proc/", pid, "/fd/", fd);
    struct stat status;
    if (::stat(path.c_str(), &status) < 0 || !S_ISDIR(status.st_mode) || !has_flock(pid, fd))
        return {};
    system::UniqueFd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory && channel::HostFileReader(directory).refresh())
        return directory;
    return {};
}

bool is_known(const std::vector<Bridge>& bridges, system::Fd directory) {
    const auto wanted = system::identity(directory);
    return !wanted || std::ranges::any_of(bridges, [&](const Bridge& bridge) {
        const auto identity = system::identity(bridge.directory);
        return identity && *identity == *wanted;
    });
}

/// Of the machine's locks what the kernel gives at once is whole, and that is a page or more.
std::string read_locks() {
    constexpr std::size_t most = 16 * 1024 * 1024;
    constexpr std::size_t page = 64 * 1024;  // The largest of any processor.
    const system::UniqueFd file(::open("/proc/locks", O_RDONLY | O_CLOEXEC));
    const auto text = system::read_text(file, most, page);
    return text ? *text : std::string();
}

}  // namespace

std::vector<pid_t> flock_holders(std::string_view locks) {
    std::vector<pid_t> holders;
    while (!locks.empty()) {
        std::string_view line = util::take_until(locks, '\n');
        take_column(line);  // Its number.
        if (take_column(line) != "FLOCK")
            continue;
        take_column(line);  // ADVISORY
        take_column(line);  // WRITE
        if (const auto pid = util::parse_number<pid_t>(take_column(line)); pid && *pid > 0)
            util::add_once(holders, *pid);
    }
    return holders;
}

std::vector<pid_t> flock_holders() {
    // One that is released between two pieces hides another, and mostly the same one: they are read
    // until nobody was new for some times.
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

std::optional<pid_t> flock_holder(system::Fd directory) {
    for (const pid_t pid : flock_holders())
        if (std::ranges::any_of(process::descriptors_of(pid, directory),
                                [pid](int fd) { return has_flock(pid, fd); }))
            return pid;
    return std::nullopt;
}

std::vector<Bridge> find_bridges() {
    std::vector<Bridge> bridges;
    for (const pid_t pid : flock_holders()) {
        for (const int fd : process::numbers_in(concat("/proc/", pid, "/fd"))) {
            Bridge bridge;
            bridge.directory = open_locked(pid, fd);
            if (!bridge.directory || is_known(bridges, bridge.directory))
                continue;
            const auto path = system::read_link(concat("/proc/", pid, "/fd/", fd));
            bridge.path = path ? *path : concat("/proc/", pid, "/fd/", fd);
            bridge.unit = unit_in_cgroup(system::text_of(concat("/proc/", pid, "/cgroup")));
            // There are few, and a sort would be 3 KB of code.
            auto place = bridges.begin();
            while (place != bridges.end() && place->path <= bridge.path)
                ++place;
            bridges.insert(place, std::move(bridge));
        }
    }
    return bridges;
}

}  // namespace notifybridge::status
