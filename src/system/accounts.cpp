#include "system/accounts.hpp"

#include <fcntl.h>

#include <array>

#include "system/file.hpp"
#include "util/number.hpp"

namespace notifybridge::system {
namespace {

constexpr std::size_t longest_file = 16 * 1024 * 1024;

std::string read_all(const char* path) {
    const UniqueFd file(::open(path, O_RDONLY | O_CLOEXEC));
    if (!file)
        return {};
    auto text = read_text(file, longest_file);
    return text ? std::move(*text) : std::string();
}

using Fields = std::array<std::string_view, 4>;

/// The first four fields of the first line of `text` for which `matches` holds.
template <typename Predicate>
std::optional<Fields> find_line(std::string_view text, Predicate matches) {
    while (!text.empty()) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
        Fields fields;
        for (std::string_view& field : fields) {
            field = line.substr(0, line.find(':'));
            line.remove_prefix(field.size() < line.size() ? field.size() + 1 : line.size());
        }
        if (matches(fields))
            return fields;
    }
    return std::nullopt;
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

}  // namespace

std::optional<Account> find_account(std::string_view passwd, std::string_view name) {
    return to_account(find_line(passwd, [&](const Fields& fields) { return fields[0] == name; }));
}

std::optional<gid_t> find_group(std::string_view group, std::string_view name) {
    const auto fields = find_line(group, [&](const Fields& line) { return line[0] == name; });
    return fields ? util::parse_number<gid_t>((*fields)[2]) : std::nullopt;
}

std::optional<Account> parse_user(std::string_view user) {
    const std::string passwd = read_all("/etc/passwd");
    const auto uid = util::parse_number<uid_t>(user);
    if (!uid)
        return find_account(passwd, user);
    if (*uid == static_cast<uid_t>(-1))
        return std::nullopt;
    const auto line = find_line(passwd, [&](const Fields& fields) { return fields[2] == user; });
    const auto account = to_account(line);
    return account ? account : Account{*uid, *uid};
}

std::optional<Account> parse_owner(std::string_view owner) {
    const std::size_t colon = owner.find(':');
    auto account = parse_user(owner.substr(0, colon));
    if (!account || colon == owner.npos)
        return account;
    const std::string_view name = owner.substr(colon + 1);
    const auto number = util::parse_number<gid_t>(name);
    const auto gid = number ? number : find_group(read_all("/etc/group"), name);
    if (!gid || *gid == static_cast<gid_t>(-1))
        return std::nullopt;
    account->gid = *gid;
    return account;
}

}  // namespace notifybridge::system
