#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/system/error.hpp"

/// Users and groups, read from files: what glibc does for these needs its shared libraries at run
/// time, which a static program does not have. So users of NSS (LDAP, ...) go by number.
namespace notifybridge::system {

struct Account {
    uid_t uid = 0;
    gid_t gid = 0;
};

/// A user as people give it: a number, or a name in /etc/passwd. The group of a number that is not
/// there is its own number.
std::optional<Account> parse_user(std::string_view user);

/// Whom systemd-notify's --uid means.
struct Resolved {
    uid_t uid = 0;
    std::optional<gid_t> gid;  ///< Nothing for a number that has no line.
};

/// A number in plain decimal, or a name in the text of a passwd(5) file: as systemd-notify resolves
/// a user, and with its errors, EINVAL, ERANGE, and ENXIO for an id that no user may have.
Result<Resolved> resolve_user(std::string_view passwd, std::string_view user);

/// All that a line of a passwd(5) file says.
struct User {
    std::string name;
    uid_t uid = 0;
    gid_t gid = 0;
    std::string home;
    std::string shell;
};

/// The line of a user in the text of a passwd(5) file, by name or number; nothing where it has
/// none.
std::optional<User> find_user(std::string_view passwd, std::string_view name_or_uid);

struct Group {
    std::string name;
    gid_t gid = 0;
};

/// The same in the text of a group(5) file.
std::optional<Group> find_group(std::string_view group, std::string_view name_or_gid);

/// The groups that have `user` for a member, in the order of the text of a group(5) file.
std::vector<gid_t> groups_of(std::string_view group, std::string_view user);

/// /etc/passwd and /etc/group; empty where they cannot be read.
std::string read_passwd();
std::string read_group();

/// The owner that a file is to get.
struct Owner {
    Account account;
    bool names_group = false;  ///< The group was asked for, and is not just the user's.
};

/// USER[:GROUP], each a number or a name.
std::optional<Owner> parse_owner(std::string_view owner);

}  // namespace notifybridge::system
