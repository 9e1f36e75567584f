#include "init/hands/perform/owned_pids.hpp"

#include <algorithm>

namespace notifybridge::perform {

const std::string* OwnedPids::owner_of(pid_t pid, std::optional<std::uint64_t> start_time) const {
    const auto found = entries_.find(pid);
    if (found == entries_.end())
        return nullptr;
    const std::uint64_t known = found->second.start_time;
    const bool is_it = !start_time || known == 0 || known == *start_time;
    return is_it ? &found->second.unit->first : nullptr;
}

std::uint64_t OwnedPids::start_time_of(pid_t pid) const {
    const auto found = entries_.find(pid);
    return found == entries_.end() ? 0 : found->second.start_time;
}

void OwnedPids::add(pid_t pid, std::uint64_t start_time, const std::string& unit) {
    remove(pid);
    const auto owner = units_.try_emplace(unit).first;
    owner->second.insert(pid);
    entries_[pid] = {start_time, owner};
}

OwnedPids::Entries::iterator OwnedPids::remove(Entries::iterator entry) {
    const auto unit = entry->second.unit;
    unit->second.erase(entry->first);
    if (unit->second.empty())
        units_.erase(unit);
    return entries_.erase(entry);
}

void OwnedPids::remove(pid_t pid) {
    const auto found = entries_.find(pid);
    if (found != entries_.end())
        remove(found);
}

void OwnedPids::remove_all_of(std::string_view unit) {
    const auto found = units_.find(unit);
    if (found == units_.end())
        return;
    for (const pid_t pid : found->second)
        entries_.erase(pid);
    units_.erase(found);
}

void OwnedPids::remove_others(const std::vector<pid_t>& kept) {
    for (auto entry = entries_.begin(); entry != entries_.end();)
        entry = std::binary_search(kept.begin(), kept.end(), entry->first) ? std::next(entry)
                                                                           : remove(entry);
}

bool OwnedPids::any_of(std::string_view unit, util::FunctionRef<bool(pid_t pid)> is_it) const {
    const auto found = units_.find(unit);
    return found != units_.end() && std::ranges::any_of(found->second, is_it);
}

}  // namespace notifybridge::perform
