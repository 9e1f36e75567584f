#include "base/process/descendants.hpp"

#include <dirent.h>

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"

namespace notifybridge::process {
namespace {

/// The fourth field of /proc/PID/stat; the second is a name in brackets that may have any byte in
/// it.
std::optional<pid_t> parent_in_stat(std::string_view stat) {
    const std::size_t bracket = stat.rfind(')');
    if (bracket == stat.npos || stat.size() < bracket + 5)
        return std::nullopt;
    stat.remove_prefix(bracket + 4);
    return util::parse_number<pid_t>(stat.substr(0, stat.find(' ')));
}

std::optional<pid_t> parent_of(pid_t pid) {
    return parent_in_stat(system::text_of(util::concat("/proc/", pid, "/stat")));
}

std::multimap<pid_t, pid_t> children_by_parent() {
    std::multimap<pid_t, pid_t> children;
    const std::unique_ptr<DIR, int (*)(DIR*)> proc(::opendir("/proc"), ::closedir);
    if (!proc)
        return children;
    while (const dirent* entry = ::readdir(proc.get()))
        if (const auto pid = util::parse_number<pid_t>(entry->d_name))
            if (const auto parent = parent_of(*pid))
                children.emplace(*parent, *pid);
    return children;
}

}  // namespace

std::vector<pid_t> descendants(pid_t ancestor) {
    const auto children = children_by_parent();
    std::vector<pid_t> found = {ancestor};
    for (std::size_t at = 0; at < found.size(); ++at) {
        const auto [first, last] = children.equal_range(found[at]);
        for (auto child = first; child != last; ++child)
            found.push_back(child->second);
    }
    found.erase(found.begin());
    return found;
}

}  // namespace notifybridge::process
