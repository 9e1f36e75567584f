#include "init/answers/properties/machine_share.hpp"

#include <unistd.h>

#include <algorithm>
#include <limits>
#include <string>

#include "base/system/file.hpp"
#include "base/util/number.hpp"
#include "base/util/words.hpp"

namespace notifybridge::properties {
namespace {

constexpr std::uint64_t whole = 10000;
constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

/// Returns the number in the file, or `no_limit` if the file has no number.
std::uint64_t number_in(const char* path) {
    const std::string text = system::text_of(path);
    return util::parse_number<std::uint64_t>(util::strip(text)).value_or(no_limit);
}

}  // namespace

std::uint64_t share_of_memory(std::uint64_t hundredths) {
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    const std::uint64_t pages = std::min(static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)),
                                         number_in("/sys/fs/cgroup/memory.max") / page);
    return pages * hundredths / whole * page;
}

std::uint64_t share_of_tasks(std::uint64_t hundredths) {
    const std::uint64_t tasks =
        std::min({number_in("/proc/sys/kernel/pid_max"), number_in("/proc/sys/kernel/threads-max"),
                  number_in("/sys/fs/cgroup/pids.max")});
    return tasks == no_limit ? no_limit : tasks * hundredths / whole;
}

}  // namespace notifybridge::properties
