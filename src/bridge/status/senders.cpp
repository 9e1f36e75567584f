#include "bridge/status/senders.hpp"

#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/relay/container.hpp"

namespace notifybridge::status {
namespace {

/// The maximum number of names in memory, because an app may send from any number of processes.
constexpr std::size_t most_names = 1000;

}  // namespace

std::string command_name(pid_t pid) {
    std::string name = system::text_of(util::concat("/proc/", pid, "/comm"));
    if (name.ends_with('\n'))
        name.pop_back();
    return name;
}

const std::string& Senders::name_of(pid_t pid) {
    const auto known = names_.find(pid);
    if (known != names_.end())
        return known->second;
    if (names_.size() >= most_names)
        names_.clear();
    return names_[pid] = look_up(pid);
}

std::string Senders::look_up(pid_t pid) const {
    const auto journal = system::identity(directory_, channel::journal_name);
    if (!journal || pid <= 0)
        return {};
    const auto process =
        relay::find_in_container({run_.pid_namespace, static_cast<pid_t>(run_.pid), *journal}, pid);
    return process ? command_name(process->pid) : std::string();
}

}  // namespace notifybridge::status
