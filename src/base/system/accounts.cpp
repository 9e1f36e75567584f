#include "base/system/accounts.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <limits>

#include "base/system/file.hpp"
#include "base/util/number.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::system {
namespace {

constexpr std::size_t longest_file = 16 * 1024 * 1024;

/// The number of fields in a line of passwd(5). A line of group(5) has fewer.
constexpr std::size_t most_fields = 7;
using Fields = std::array<std::string_view, most_fields>;

/// Removes the first line from `text`, and returns its fields.
Fields take_line(std::string_view& text) {
    std::string_view line = util::take_until(text, '\n');
    Fields fields;
    for (std::string_view& field : fields)
        field = util::take_until(line, ':');
    return fields;
}

/// Returns the fields of the first line that has `value` in the given field. Returns nullopt if
/// there is no such line.
std::optional<Fields> find_line(std::string_view text, std::size_t field, std::string_view value) {
    while (!text.empty())
        if (const Fields fields = take_line(text); fields[field] == value)
            return fields;
    return std::nullopt;
}

/// Returns the line of `name_or_id`. A number is compared with the ids, which are the third field.
std::optional<Fields> find_named_line(std::string_view text, std::string_view name_or_id) {
    return find_line(text, util::parse_number<uid_t>(name_or_id) ? 2 : 0, name_or_id);
}

bool has_member(std::string_view members, std::string_view user) {
    while (!members.empty())
        if (util::take_until(members, ',') == user)
            return true;
    return false;
}

std::optional<Account> to_account(const std::optional<Fields>& fields) {
    if (!fields)
        return std::nullopt;
    const auto uid = util::parse_number<uid_t>((*fields)[2]);
    const auto gid = util::parse_number<gid_t>((*fields)[3]);
    if (!uid || !gid)
        return std::nullopt;
    return Account{*uid, *gid};
}

/// Parses a uid as systemd does: without a sign, blanks or a leading zero. Refuses 65535 and
/// 4294967295, which mean "no user".
Result<uid_t> parse_uid(std::string_view text) {
    if (text.empty() || text.find_first_not_of("0123456789") != text.npos
        || (text.size() > 1 && text.starts_with('0')))
        return error_of(EINVAL);
    const auto uid = util::parse_number<uid_t>(text);
    if (!uid)
        return error_of(ERANGE);
    if (*uid == static_cast<uid_t>(-1) || *uid == std::numeric_limits<std::uint16_t>::max())
        return error_of(ENXIO);
    return *uid;
}

}  // namespace

std::optional<Account> parse_user(std::string_view user) {
    const auto uid = util::parse_number<uid_t>(user);
    if (uid == static_cast<uid_t>(-1))
        return std::nullopt;
    const auto account = to_account(find_named_line(read_passwd(), user));
    return account || !uid ? account : Account{*uid, *uid};
}

Result<Resolved> resolve_user(std::string_view passwd, std::string_view user) {
    const Result<uid_t> uid = parse_uid(user);
    const auto account = to_account(find_line(passwd, uid ? 2 : 0, user));
    if (account)
        return Resolved{account->uid, account->gid};
    if (!uid)
        return uid.error();
    return Resolved{*uid, std::nullopt};
}

std::optional<User> find_user(std::string_view passwd, std::string_view name_or_uid) {
    const auto fields = find_named_line(passwd, name_or_uid);
    const auto account = to_account(fields);
    if (!account)
        return std::nullopt;
    return User{std::string((*fields)[0]), account->uid, account->gid, std::string((*fields)[5]),
                std::string((*fields)[6])};
}

std::optional<Group> find_group(std::string_view group, std::string_view name_or_gid) {
    const auto fields = find_named_line(group, name_or_gid);
    const auto gid = fields ? util::parse_number<gid_t>((*fields)[2]) : std::nullopt;
    return gid ? std::optional(Group{std::string((*fields)[0]), *gid}) : std::nullopt;
}

std::vector<gid_t> groups_of(std::string_view group, std::string_view user) {
    std::vector<gid_t> found;
    while (!group.empty()) {
        const Fields fields = take_line(group);
        const auto gid = util::parse_number<gid_t>(fields[2]);
        if (gid && has_member(fields[3], user))
            found.push_back(*gid);
    }
    return found;
}

std::string read_passwd() {
    return text_of("/etc/passwd", longest_file);
}

std::string read_group() {
    return text_of("/etc/group", longest_file);
}

std::optional<Owner> parse_owner(std::string_view owner) {
    const std::size_t colon = owner.find(':');
    const auto account = parse_user(owner.substr(0, colon));
    if (!account)
        return std::nullopt;
    if (colon == owner.npos)
        return Owner{*account, false};
    const std::string_view name = owner.substr(colon + 1);
    auto gid = util::parse_number<gid_t>(name);
    if (const auto group = gid ? std::nullopt : find_group(read_group(), name))
        gid = group->gid;
    if (!gid || *gid == static_cast<gid_t>(-1))
        return std::nullopt;
    return Owner{{account->uid, *gid}, true};
}

}  // namespace notifybridge::system
