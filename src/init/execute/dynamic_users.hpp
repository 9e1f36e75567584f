#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "init/execute/identity.hpp"
#include "init/unit/specifier.hpp"

namespace notifybridge::execute {

/// The ids of users and groups that are in no file (systemd.exec(5), DynamicUser=): whose each is,
/// as long as a unit has it. The range and the id that a name gets first are systemd's.
class DynamicUsers {
public:
    static constexpr uid_t first = 61184, last = 65519;

    using IsTaken = std::function<bool(uid_t)>;

    /// The id of a name, which the unit has from here on, with others of the same name: one of
    /// those `wanted` where it is free, or else what comes of the name, or the next that is free.
    /// `is_taken` says which ids the system's files have. Nothing where all are taken.
    std::optional<uid_t> acquire(const std::string& unit, const std::string& name,
                                 std::span<const uid_t> wanted, const IsTaken& is_taken);
    /// The unit has none any more. An id that no unit has stays with its name while others are
    /// free, as files may be left that it owns.
    void release(std::string_view unit);
    /// The id that a name has now.
    std::optional<uid_t> find(std::string_view name) const;

private:
    struct Held {
        uid_t id;
        std::set<std::string, std::less<>> units;
    };

    std::optional<uid_t> choose(const std::string& name, std::span<const uid_t> wanted,
                                const IsTaken& is_taken);
    void take_from_others(uid_t id);

    std::map<std::string, Held, std::less<>> by_name_;
};

/// Gives a unit of DynamicUser=yes its ids: those of the files where they have the names, and else
/// of `users`, where the owners of its directories come first. `fault` gets why there are none.
DynamicIds acquire_ids(DynamicUsers& users, const std::string& unit, const unit::ExecSettings& exec,
                       const unit::Facts& facts, std::string& fault);

/// The same without giving it any: the ids that it has now.
DynamicIds find_ids(const DynamicUsers& users, const unit::ExecSettings& exec);

}  // namespace notifybridge::execute
