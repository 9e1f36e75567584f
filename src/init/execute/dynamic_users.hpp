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

/// Assigns ids to users and groups that are in no file (systemd.exec(5), DynamicUser=) while units
/// use them. The range and the first choice for a name are systemd's.
class DynamicUsers {
public:
    static constexpr uid_t first = 61184, last = 65519;

    using IsTaken = std::function<bool(uid_t)>;

    /// Returns the id of `name`, which `unit` holds from now on and may share with units that use
    /// the same name. Prefers a free one of `wanted`, then one computed from the name, then the
    /// next free one. `is_taken` returns whether the system's files have an id. Returns nullopt if
    /// all are taken.
    std::optional<uid_t> acquire(const std::string& unit, const std::string& name,
                                 std::span<const uid_t> wanted, const IsTaken& is_taken);
    /// Releases the unit's id. A released id stays with its name while others are free, because it
    /// may still own files.
    void release(std::string_view unit);
    /// Returns the current id of a name.
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

/// Gives a unit of DynamicUser=yes its ids. Uses those in the system's files if they have the
/// names, and otherwise those of `users`, preferring the owners of the unit's directories. On
/// failure sets `fault` to the reason.
DynamicIds acquire_ids(DynamicUsers& users, const std::string& unit, const unit::ExecSettings& exec,
                       const unit::Facts& facts, std::string& fault);

/// Returns the current ids of the unit without assigning new ones.
DynamicIds find_ids(const DynamicUsers& users, const unit::ExecSettings& exec);

}  // namespace notifybridge::execute
