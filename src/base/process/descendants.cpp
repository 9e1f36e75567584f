#include "base/process/descendants.hpp"

#include <map>

#include "base/process/proc.hpp"

namespace notifybridge::process {
namespace {

std::multimap<pid_t, pid_t> children_by_parent() {
    std::multimap<pid_t, pid_t> children;
    for (const pid_t pid : numbers_in("/proc"))
        if (const auto parent = parent_of(pid))
            children.emplace(*parent, pid);
    return children;
}

}  // namespace

std::vector<pid_t> descendants(pid_t ancestor) {
    if (!proc_is_ours())
        return {};
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

bool is_below(pid_t pid, pid_t ancestor) {
    if (!proc_is_ours())
        return false;
    // The tree may change during the walk, so the number of steps needs a limit.
    constexpr int deepest = 1000;
    for (int depth = 0; depth < deepest; ++depth) {
        const auto parent = parent_of(pid);
        if (!parent || *parent <= 0)
            return false;
        if (*parent == ancestor)
            return true;
        pid = *parent;
    }
    return false;
}

}  // namespace notifybridge::process
