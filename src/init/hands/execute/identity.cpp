#include "init/hands/execute/identity.hpp"

#include <array>
#include <cerrno>

#include "base/system/accounts.hpp"
#include "base/util/contains.hpp"
#include "init/files/unit/path.hpp"

namespace notifybridge::execute {
namespace {

/// Returns whether `shell` refuses log-ins. A user with such a shell gets no variable SHELL.
bool is_no_shell(std::string_view shell) {
    constexpr std::array<std::string_view, 4> names = {"nologin", "false", "true", ""};
    return !unit::is_absolute(shell) || util::contains(names, unit::file_name(shell));
}

void take_user(const system::User& user, Identity& identity) {
    identity.user = user.name;
    identity.uid = user.uid;
    identity.gid = user.gid;
    if (unit::is_absolute(user.home))
        identity.home = unit::simplify_path(user.home);
    // systemd sets no home for "nobody", even if /etc/passwd names one.
    if (identity.home == "/" || user.name == "nobody")
        identity.home.clear();
    if (!is_no_shell(user.shell))
        identity.shell = user.shell;
}

/// Returns the user with this name. Returns root even if no file contains root, because a container
/// may have no such file.
std::optional<system::User> find_user(std::string_view passwd, std::string_view name) {
    auto user = system::find_user(passwd, name);
    if (!user && (name == "root" || name == "0"))
        user = system::User{"root", 0, 0, "/root", "/bin/sh"};
    return user;
}

}  // namespace

Identity find_identity(const unit::ExecSettings& exec, std::string_view passwd,
                       std::string_view group, const DynamicIds& dynamic, Failure& failure) {
    Identity identity;
    if (!exec.user.empty()) {
        auto user = find_user(passwd, exec.user);
        if (!user && dynamic.user)
            user = system::User{exec.user, *dynamic.user, *dynamic.user, "/", ""};
        if (!user) {
            failure = {Step::user, ESRCH};
            return identity;
        }
        take_user(*user, identity);
    }
    const auto look_up = [&](const std::string& name) -> gid_t {
        if (const auto found = system::find_group(group, name))
            return found->gid;
        if (name == "root" || name == "0")
            return 0;
        if (name == exec.group && dynamic.group)
            return *dynamic.group;
        failure = {Step::group, ESRCH};
        return 0;
    };
    if (!exec.group.empty())
        identity.gid = look_up(exec.group);
    if (!identity.user.empty() && identity.gid.value_or(0) != 0) {
        identity.groups = {*identity.gid};
        for (const gid_t gid : system::groups_of(group, identity.user))
            util::add_once(*identity.groups, gid);
        identity.groups_of_user = identity.groups;
    }
    if (!exec.supplementary_groups->empty() && !identity.groups)
        identity.groups.emplace();
    for (const std::string& name : *exec.supplementary_groups)
        util::add_once(*identity.groups, look_up(name));
    return identity;
}

Identity find_identity(const unit::ExecSettings& exec, const DynamicIds& dynamic,
                       Failure& failure) {
    if (exec.user.empty() && exec.group.empty() && exec.supplementary_groups->empty())
        return {};
    return find_identity(exec, system::read_passwd(), system::read_group(), dynamic, failure);
}

}  // namespace notifybridge::execute
