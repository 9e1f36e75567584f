#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/system/error.hpp"

/// Reads users and groups from files. glibc's functions need shared libraries at run time, which a
/// static program does not have. So users from NSS (LDAP, …) must be given by number.
namespace notifybridge::system {

struct Account {
    uid_t uid = 0;
    gid_t gid = 0;
};

/// Parses a user, given as a number or as a name in /etc/passwd. If a number is not in the file,
/// the group gets the same number.
std::optional<Account> parse_user(std::string_view user);

/// The user that systemd-notify's --uid names.
struct Resolved {
    uid_t uid = 0;
    std::optional<gid_t> gid;  ///< nullopt if the user is a number that is not in the file.
};

/// Resolves a plain decimal number, or a name in the text of a passwd(5) file, as systemd-notify
/// does. Returns the same errors: EINVAL, ERANGE, or ENXIO for an id that no user may have.
Result<Resolved> resolve_user(std::string_view passwd, std::string_view user);

/// A line of a passwd(5) file.
struct User {
    std::string name;
    uid_t uid = 0;
    gid_t gid = 0;
    std::string home;
    std::string shell;
};

/// Returns a user by name or number from the text of a passwd(5) file. Returns nullopt if there is
/// no such user.
std::optional<User> find_user(std::string_view passwd, std::string_view name_or_uid);

struct Group {
    std::string name;
    gid_t gid = 0;
};

/// Returns a group by name or number from the text of a group(5) file. Returns nullopt if there is
/// no such group.
std::optional<Group> find_group(std::string_view group, std::string_view name_or_gid);

/// Returns the groups that have `user` as a member in the text of a group(5) file, in the order of
/// that text.
std::vector<gid_t> groups_of(std::string_view group, std::string_view user);

/// Both functions return the text of the file, /etc/passwd or /etc/group. They return an empty text
/// if the file cannot be read.
std::string read_passwd();
std::string read_group();

/// The future owner of a file.
struct Owner {
    Account account;
    bool names_group = false;  ///< Whether the group was given, and is not just the user's group.
};

/// Parses USER[:GROUP]. Each part can be a number or a name.
std::optional<Owner> parse_owner(std::string_view owner);

}  // namespace notifybridge::system
