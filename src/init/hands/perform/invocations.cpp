#include "init/hands/perform/invocations.hpp"

#include "base/util/contains.hpp"

namespace notifybridge::perform {

void Invocations::add(const std::string& unit, std::string_view id, uid_t user) {
    if (const auto known = units_.find(unit); known != units_.end() && known->second.id != id)
        forget(unit);
    const auto [place, is_new] = units_.try_emplace(unit);
    if (is_new) {
        place->second.id = id;
        by_id_[place->second.id] = place;
    }
    add_user(unit, user);
}

void Invocations::add_user(const std::string& unit, uid_t user) {
    const auto known = units_.find(unit);
    if (known != units_.end())
        util::add_once(known->second.users, user);
}

void Invocations::forget(const std::string& unit) {
    const auto known = units_.find(unit);
    if (known == units_.end())
        return;
    by_id_.erase(known->second.id);
    units_.erase(known);
}

std::string Invocations::unit_of(std::string_view id, uid_t user) const {
    const auto known = by_id_.find(id);
    const bool is_believed =
        known != by_id_.end() && (user == 0 || util::contains(known->second->second.users, user));
    return is_believed ? known->second->first : std::string();
}

}  // namespace notifybridge::perform
