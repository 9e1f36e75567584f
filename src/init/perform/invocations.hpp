#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::perform {

/// The last invocation of each unit, and who may say by INVOCATION_ID in its environment that it is
/// of it: the id is no secret, so that only root and the users of processes that were started for
/// the unit are believed.
class Invocations {
public:
    void add(const std::string& unit, std::string_view id, uid_t user);
    /// There is one more that the unit's processes are of.
    void add_user(const std::string& unit, uid_t user);
    void forget(const std::string& unit);

    /// Empty where it is of none, or is not believed.
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
