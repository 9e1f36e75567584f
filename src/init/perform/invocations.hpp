#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::perform {

/// The last invocation of each unit, and which users' processes may claim it by INVOCATION_ID in
/// their environment. The id is not secret, so only root and the users of processes that were
/// started for the unit are believed.
class Invocations {
public:
    void add(const std::string& unit, std::string_view id, uid_t user);
    /// Adds a user that processes of the unit run as.
    void add_user(const std::string& unit, uid_t user);
    void forget(const std::string& unit);

    /// Returns the unit of an invocation; empty if there is none, or if the user is not believed.
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
