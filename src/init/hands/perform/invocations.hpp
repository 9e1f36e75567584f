#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::perform {

/// The last invocation of each unit. A process may claim an invocation with INVOCATION_ID in its
/// environment. The id is not secret. Therefore, a claim is trusted only if the process runs as
/// root, or as a user of processes that were started for the unit.
class Invocations {
public:
    void add(const std::string& unit, std::string_view id, uid_t user);
    /// Records that processes of the unit run as `user`. Does nothing if the unit has no
    /// invocation.
    void add_user(const std::string& unit, uid_t user);
    void forget(const std::string& unit);

    /// Returns the unit of the invocation `id`. Returns an empty text if there is no such unit, or
    /// if `user` is not trusted.
    std::string unit_of(std::string_view id, uid_t user) const;

private:
    struct Invocation {
        std::string id;
        std::vector<uid_t> users;
    };
    using Units = std::map<std::string, Invocation>;

    Units units_;
    std::map<std::string_view, Units::const_iterator> by_id_;
};

}  // namespace notifybridge::perform
