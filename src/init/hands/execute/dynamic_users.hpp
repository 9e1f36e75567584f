#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "base/util/function_ref.hpp"
#include "init/files/unit/specifier.hpp"
#include "init/hands/execute/identity.hpp"

namespace notifybridge::execute {

/// A table that assigns ids to users and groups that are in no account file. An id stays assigned
/// while a unit uses it (systemd.exec(5), DynamicUser=). The range of ids and the first choice for
/// a name are the same as in systemd.
class DynamicUsers {
public:
    static constexpr uid_t first = 61184, last = 65519;

    using IsTaken = util::FunctionRef<bool(uid_t)>;

    /// Assigns an id for `name` to `unit`, and returns the id. Units that use the same name share
    /// the id. Prefers a free id of `wanted`, then the id that is computed from the name, then the
    /// next free id.
    ///
    /// `is_taken` returns whether the system's files contain an id. Returns nullopt if no id is
    /// free.
    std::optional<uid_t> acquire(const std::string& unit, const std::string& name,
                                 std::span<const uid_t> wanted, IsTaken is_taken);
    /// Releases the unit's id. The name keeps its released id while other ids are free, because
    /// files may still belong to this id.
    void release(std::string_view unit);
    /// Returns the current id of `name`, or nullopt if it has no id.
    std::optional<uid_t> find(std::string_view name) const;

private:
    struct Held {
        uid_t id;
        std::set<std::string, std::less<>> units;
    };

    std::optional<uid_t> choose(const std::string& name, std::span<const uid_t> wanted,
                                IsTaken is_taken);
    void take_from_others(uid_t id);

    std::map<std::string, Held, std::less<>> by_name_;
};

/// Assigns ids to a unit with DynamicUser=yes. Uses the ids in /etc/passwd and /etc/group if these
/// files contain the unit's user and group. If not, acquires ids from `users`, and prefers the ids
/// that own the unit's directories. On failure, sets `fault` to the reason.
DynamicIds acquire_ids(DynamicUsers& users, const std::string& unit, const unit::ExecSettings& exec,
                       const unit::Facts& facts, std::string& fault);

/// Returns the current ids of the unit. Assigns no new ids.
DynamicIds find_ids(const DynamicUsers& users, const unit::ExecSettings& exec);

}  // namespace notifybridge::execute
