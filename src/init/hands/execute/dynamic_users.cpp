#include "init/hands/execute/dynamic_users.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <vector>

#include "base/system/accounts.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "base/util/siphash.hpp"
#include "init/hands/execute/exec_directory.hpp"

namespace notifybridge::execute {
namespace {

constexpr uid_t number_of_ids = DynamicUsers::last - DynamicUsers::first + 1;

bool is_dynamic(uid_t id) {
    return id >= DynamicUsers::first && id <= DynamicUsers::last;
}

/// Returns the position in the range where the search for a free id begins. The position depends on
/// the name, as in systemd.
uid_t place_of(std::string_view name) {
    constexpr util::SipKey key{0xf548cecf317e5337, 0x59ecd98d5739bb8a};
    return static_cast<std::uint32_t>(util::siphash(name, key)) % number_of_ids;
}

/// Returns the owners of the unit's existing directories. If the unit gets one of these ids, the
/// directories with this owner stay unchanged.
std::vector<uid_t> owners_of_directories(const unit::ExecSettings& exec, const unit::Facts& facts) {
    std::vector<uid_t> owners;
    for (const ExecDirectoryKind& kind : exec_directory_kinds)
        for (const std::string& path : actual_paths(kind, exec, facts)) {
            struct stat status;
            if (::lstat(path.c_str(), &status) == 0)
                owners.push_back(status.st_uid);
        }
    return owners;
}

/// The texts of the system's account files.
struct Accounts {
    std::string passwd = system::read_passwd();
    std::string group = system::read_group();

    bool has(uid_t id) const {
        const std::string number = util::concat(id);
        return system::find_user(passwd, number) || system::find_group(group, number);
    }
};

/// Returns the ids of User= and Group=. An id comes from the account files, or is the number in the
/// setting. For any other name, calls `otherwise` with the name. The second argument of `otherwise`
/// is true if the other kind has this name: a group for User=, or a user for Group=.
template <typename Otherwise>
DynamicIds find_ids(const unit::ExecSettings& exec, const Accounts& accounts,
                    const Otherwise& otherwise) {
    DynamicIds ids;
    if (const auto user = system::find_user(accounts.passwd, exec.user)) {
        ids.user = user->uid;
        ids.group = user->gid;
    } else if (const auto number = util::parse_number<uid_t>(exec.user)) {
        ids.user = ids.group = number;
    } else {
        const bool is_group = system::find_group(accounts.group, exec.user).has_value();
        ids.user = ids.group = otherwise(exec.user, is_group);
    }
    if (exec.group == exec.user)
        return ids;
    if (const auto group = system::find_group(accounts.group, exec.group))
        ids.group = group->gid;
    else if (const auto number = util::parse_number<gid_t>(exec.group))
        ids.group = number;
    else
        ids.group =
            otherwise(exec.group, system::find_user(accounts.passwd, exec.group).has_value());
    return ids;
}

}  // namespace

std::optional<uid_t> DynamicUsers::choose(const std::string& name, std::span<const uid_t> wanted,
                                          IsTaken is_taken) {
    const auto is_free = [&](uid_t id, bool counts_left_over) {
        const bool is_somebodys = std::ranges::any_of(by_name_, [&](const auto& held) {
            return held.second.id == id && (counts_left_over || !held.second.units.empty());
        });
        return is_dynamic(id) && !is_somebodys && !is_taken(id);
    };
    for (const uid_t id : wanted)
        if (is_free(id, true))
            return id;
    for (const bool counts_left_over : {true, false})
        for (uid_t step = 0; step < number_of_ids; ++step)
            if (const uid_t id = first + (place_of(name) + step) % number_of_ids;
                is_free(id, counts_left_over))
                return id;
    return std::nullopt;
}

void DynamicUsers::take_from_others(uid_t id) {
    std::erase_if(by_name_, [&](const auto& held) { return held.second.id == id; });
}

std::optional<uid_t> DynamicUsers::acquire(const std::string& unit, const std::string& name,
                                           std::span<const uid_t> wanted, IsTaken is_taken) {
    auto held = by_name_.find(name);
    if (held == by_name_.end() || held->second.units.empty()) {
        // Release the name's former id, so that `choose` can select it again.
        if (held != by_name_.end())
            by_name_.erase(held);
        const auto id = choose(name, wanted, is_taken);
        if (!id)
            return std::nullopt;
        take_from_others(*id);
        held = by_name_.insert_or_assign(name, Held{*id, {}}).first;
    }
    held->second.units.insert(unit);
    return held->second.id;
}

void DynamicUsers::release(std::string_view unit) {
    for (auto& [name, held] : by_name_)
        if (const auto found = held.units.find(unit); found != held.units.end())
            held.units.erase(found);
}

std::optional<uid_t> DynamicUsers::find(std::string_view name) const {
    const auto held = by_name_.find(name);
    return held == by_name_.end() || held->second.units.empty() ? std::nullopt
                                                                : std::optional(held->second.id);
}

DynamicIds acquire_ids(DynamicUsers& users, const std::string& unit, const unit::ExecSettings& exec,
                       const unit::Facts& facts, std::string& fault) {
    const Accounts accounts;
    const auto is_taken = [&](uid_t id) { return accounts.has(id); };
    const auto acquire = [&](const std::string& name, bool is_other_kind) {
        std::optional<uid_t> id;
        if (is_other_kind)
            fault = util::concat("user and group ", name, " must both exist or both be missing");
        else if (id = users.acquire(unit, name, owners_of_directories(exec, facts), is_taken); !id)
            fault = "all ids from 61184 to 65519 are taken";
        return id;
    };
    return find_ids(exec, accounts, acquire);
}

DynamicIds find_ids(const DynamicUsers& users, const unit::ExecSettings& exec) {
    return find_ids(exec, Accounts(),
                    [&](const std::string& name, bool) { return users.find(name); });
}

}  // namespace notifybridge::execute
