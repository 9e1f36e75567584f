#include "base/system/accounts.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <limits>

#include "base/system/file.hpp"
#include "base/util/number.hpp"

namespace notifybridge::system {
namespace {

constexpr std::size_t longest_file = 16 * 1024 * 1024;

/// Of passwd(5), which has the most.
constexpr std::size_t most_fields = 7;
using Fields = std::array<std::string_view, most_fields>;

/// Takes the first line of `text`, split into its fields.
Fields take_line(std::string_view& text) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
    Fields fields;
    for (std::string_view& field : fields) {
        field = line.substr(0, line.find(':'));
        line.remove_prefix(field.size() < line.size() ? field.size() + 1 : line.size());
    }
    return fields;
}

/// The fields of the first line of `text` for which `matches` holds.
template <typename Predicate>
std::optional<Fields> find_line(std::string_view text, Predicate matches) {
    while (!text.empty()) {
        const Fields fields = take_line(text);
        if (matches(fields))
            return fields;
    }
    return std::nullopt;
}

/// The line of `name_or_id`: a number is looked for among the ids, in the third field.
std::optional<Fields> find_named_line(std::string_view text, std::string_view name_or_id) {
    const std::size_t field = util::parse_number<uid_t>(name_or_id) ? 2 : 0;
    return find_line(text, [&](const Fields& fields) { return fields[field] == name_or_id; });
}

bool has_member(std::string_view members, std::string_view user) {
    while (!members.empty()) {
        const std::string_view member = members.substr(0, members.find(','));
        if (member == user)
            return true;
        members.remove_prefix(std::min(member.size() + 1, members.size()));
    }
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

/// As systemd reads one: without a sign, blanks or a leading zero, and neither of the two that once
/// meant none.
Result<uid_t> parse_uid(std::string_view text) {
    const auto failure = [](int error) {
        return boost::system::error_code(error, boost::system::system_category());
    };
    if (text.empty() || text.find_first_not_of("0123456789") != text.npos
        || (text.size() > 1 && text.starts_with('0')))
        return failure(EINVAL);
    const auto uid = util::parse_number<uid_t>(text);
    if (!uid)
        return failure(ERANGE);
    if (*uid == static_cast<uid_t>(-1) || *uid == std::numeric_limits<std::uint16_t>::max())
        return failure(ENXIO);
    return *uid;
}

}  // namespace

std::optional<Account> find_account(std::string_view passwd, std::string_view name) {
    return to_account(find_line(passwd, [&](const Fields& fields) { return fields[0] == name; }));
}

std::optional<gid_t> find_group(std::string_view group, std::string_view name) {
    const auto fields = find_line(group, [&](const Fields& line) { return line[0] == name; });
    return fields ? util::parse_number<gid_t>((*fields)[2]) : std::nullopt;
}

std::optional<Account> parse_user(std::string_view user) {
    const std::string passwd = text_of("/etc/passwd", longest_file);
    const auto uid = util::parse_number<uid_t>(user);
    if (!uid)
        return find_account(passwd, user);
    if (*uid == static_cast<uid_t>(-1))
        return std::nullopt;
    const auto line = find_line(passwd, [&](const Fields& fields) { return fields[2] == user; });
    const auto account = to_account(line);
    return account ? account : Account{*uid, *uid};
}

Result<Resolved> resolve_user(std::string_view passwd, std::string_view user) {
    const Result<uid_t> uid = parse_uid(user);
    const auto account =
        uid ? to_account(find_line(passwd, [&](const Fields& line) { return line[2] == user; }))
            : find_account(passwd, user);
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

std::optional<gid_t> find_listed_group(std::string_view group, std::string_view name_or_gid) {
    const auto fields = find_named_line(group, name_or_gid);
    return fields ? util::parse_number<gid_t>((*fields)[2]) : std::nullopt;
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
    const auto number = util::parse_number<gid_t>(name);
    const auto gid = number ? number : find_group(text_of("/etc/group", longest_file), name);
    if (!gid || *gid == static_cast<gid_t>(-1))
        return std::nullopt;
    return Owner{{account->uid, *gid}, true};
}

}  // namespace notifybridge::system
