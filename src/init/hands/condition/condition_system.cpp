#include <linux/magic.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <vector>

#include "base/process/proc.hpp"
#include "base/system/accounts.hpp"
#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/number.hpp"
#include "base/util/words.hpp"
#include "init/files/facts/virtualization.hpp"
#include "init/files/unit/value.hpp"
#include "init/hands/condition/condition_tests.hpp"
#include "init/hands/condition/order.hpp"
#include "init/hands/execute/cgroup.hpp"

namespace notifybridge::condition {
namespace {

using Met = std::optional<bool>;

// The values of SYS_UID_MAX and SYS_GID_MAX in Debian's login.defs(5).
constexpr unsigned last_system_id = 999;

Met is_boolean(const std::string& parameter, bool actual) {
    const auto wanted = unit::parse_boolean(parameter);
    return wanted ? Met(*wanted == actual) : std::nullopt;
}

Met first_boot(const std::string& parameter, const ConditionFacts&) {
    return is_boolean(parameter, ::access("/run/systemd/first-boot", F_OK) == 0);
}

Met virtualization(const std::string& parameter, const ConditionFacts&) {
    if (parameter == "private-users") {
        const std::string map = system::line_of("/proc/self/uid_map");
        util::WordReader words(map, util::plain_words);
        std::string inside, outside, count;
        words.next(inside);
        words.next(outside);
        words.next(count);
        return inside != "0" || outside != "0" || count != "4294967295";
    }
    const std::string container = facts::detect_container();
    const std::string machine = container.empty() ? facts::detect_virtual_machine() : "";
    if (unit::parse_boolean(parameter))
        return is_boolean(parameter, !container.empty() || !machine.empty());
    if (parameter == "container")
        return !container.empty();
    if (parameter == "vm")
        return !machine.empty();
    return parameter == (container.empty() ? machine.empty() ? "none" : machine : container);
}

Met host(const std::string& parameter, const ConditionFacts& given) {
    const std::string id = given.facts.machine_id.value_or("");
    if (!id.empty() && parameter == id)
        return true;
    utsname names;
    ::uname(&names);
    return matches(parameter, names.nodename, true);
}

/// Returns the kernel's command line. In a container, that command line belongs to the host, so
/// this function returns the command line of PID 1 instead.
std::vector<std::string> command_line() {
    std::string text;
    if (facts::detect_container().empty()) {
        text = system::text_of("/proc/cmdline");
    } else {
        text = system::text_of("/proc/1/cmdline");
        std::ranges::replace(text, '\0', ' ');
    }
    std::vector<std::string> found;
    util::WordReader words(text, {.unquote = true, .relax = true});
    std::string word;
    while (words.next(word) == util::Extracted::word)
        found.push_back(word);
    return found;
}

Met kernel_command_line(const std::string& parameter, const ConditionFacts&) {
    const bool has_value = parameter.find('=') != parameter.npos;
    for (const std::string& word : command_line())
        if (word == parameter || (!has_value && word.starts_with(parameter + '=')))
            return true;
    return false;
}

Met credential(const std::string& parameter, const ConditionFacts&) {
    if (parameter.empty() || parameter.find('/') != parameter.npos)
        return false;
    for (const char* const name : {"CREDENTIALS_DIRECTORY", "ENCRYPTED_CREDENTIALS_DIRECTORY"})
        if (const char* const directory = ::getenv(name))
            if (::access(util::concat(directory, '/', parameter).c_str(), F_OK) == 0)
                return true;
    return false;
}

Met security(const std::string& parameter, const ConditionFacts&) {
    if (parameter == "selinux")
        return ::access("/sys/fs/selinux/enforce", F_OK) == 0;
    if (parameter == "apparmor")
        return system::line_of("/sys/module/apparmor/parameters/enabled") == "Y";
    if (parameter == "smack")
        return ::access("/sys/fs/smackfs/", F_OK) == 0;
    if (parameter == "ima")
        return ::access("/sys/kernel/security/ima/", F_OK) == 0;
    if (parameter == "audit")
        return bool(system::UniqueFd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT)));
    // systemd 252 also knows "tomoyo", "uefi-secureboot" and "tpm2". This function returns false
    // for them, because a container usually cannot use these features of the host.
    return false;
}

/// Checks the bounding set, because a service cannot acquire a capability that is not in this set.
Met capability(const std::string& parameter, const ConditionFacts&) {
    const auto number = unit::parse_capability(parameter);
    if (!number)
        return std::nullopt;
    const auto set =
        util::parse_number<std::uint64_t>(process::status_field(::getpid(), "CapBnd"), 16);
    return set ? Met((*set >> *number & 1) != 0) : std::nullopt;
}

Met environment(const std::string& parameter, const ConditionFacts& given) {
    const auto& all = given.environment;
    if (parameter.find('=') != parameter.npos)
        return util::contains(all, parameter);
    return unit::get_variable(all, parameter).has_value();
}

Met user(const std::string& parameter, const ConditionFacts&) {
    const uid_t real = ::getuid(), effective = ::geteuid();
    if (const auto uid = util::parse_number<uid_t>(parameter))
        return *uid == real || *uid == effective;
    if (parameter == "@system")
        return real <= last_system_id || effective <= last_system_id;
    if (parameter == "root")
        return real == 0 || effective == 0;
    const auto found = system::find_user(system::read_passwd(), parameter);
    return found && (found->uid == real || found->uid == effective);
}

bool is_member(gid_t gid) {
    if (gid == ::getgid() || gid == ::getegid())
        return true;
    std::vector<gid_t> groups(static_cast<std::size_t>(std::max(::getgroups(0, nullptr), 0)));
    const int count = ::getgroups(static_cast<int>(groups.size()), groups.data());
    groups.resize(static_cast<std::size_t>(std::max(count, 0)));
    return util::contains(groups, gid);
}

Met group(const std::string& parameter, const ConditionFacts&) {
    if (const auto gid = util::parse_number<gid_t>(parameter))
        return is_member(*gid);
    // The name "root" needs no entry in the group file: systemd as PID 1 does not read this file.
    if (parameter == "root")
        return is_member(0);
    const auto found = system::find_group(system::read_group(), parameter);
    return found && is_member(found->gid);
}

bool has_second_version_only() {
    struct statfs file_system;
    return ::statfs("/sys/fs/cgroup/", &file_system) == 0
           && file_system.f_type == CGROUP2_SUPER_MAGIC;
}

/// Checks "v2", "v1", or a list of required controllers. Ignores unknown controllers.
Met controllers(const std::string& parameter, const ConditionFacts&) {
    constexpr auto known = std::to_array<std::string_view>(
        {"cpu", "cpuacct", "cpuset", "io", "blkio", "memory", "devices", "pids"});
    if (parameter == "v2" || parameter == "v1")
        return (parameter == "v2") == has_second_version_only();
    const std::string directory = execute::find_cgroup_directory(
        system::text_of("/proc/self/mountinfo"),
        execute::parse_cgroup_path(system::text_of("/proc/self/cgroup")));
    const std::string there = ' ' + system::line_of(directory + "/cgroup.controllers") + ' ';
    util::WordReader words(parameter);
    std::string word;
    while (words.next(word) == util::Extracted::word) {
        const bool counts = util::contains(known, word);
        if (counts && there.find(' ' + word + ' ') == there.npos)
            return false;
    }
    return true;
}

/// Checks a word such as "VERSION_ID>=12" against os-release(5).
Met release_word(std::string_view word, const unit::Environment& release) {
    const std::size_t end = word.find_first_of("!<=>$");
    if (end == word.npos || end == 0)
        return std::nullopt;
    const std::string_view actual = unit::get_variable(release, word.substr(0, end)).value_or("");
    std::string_view wanted = word.substr(end);
    const auto order = take_order(wanted, true);
    if (!order || wanted.empty())
        return std::nullopt;
    switch (*order) {
        case Order::glob:
        case Order::not_glob:
            return matches(wanted, actual) == (*order == Order::glob);
        case Order::equal:
        case Order::not_equal:
            return (actual == wanted) == (*order == Order::equal);
        default:
            return holds(compare_versions(actual, wanted), *order);
    }
}

Met os_release(const std::string& parameter, const ConditionFacts&) {
    std::string text = system::text_of("/etc/os-release");
    if (text.empty())
        text = system::text_of("/usr/lib/os-release");
    const auto release = unit::parse_environment_file(text);
    util::WordReader words(parameter);
    std::string word;
    while (words.next(word) == util::Extracted::word) {
        const Met met = release_word(word, release);
        if (!met || !*met)
            return met;
    }
    return true;
}

constexpr auto system_kinds = std::to_array<ConditionKind>({
    {"FirstBoot", first_boot},
    {"Virtualization", virtualization},
    {"Host", host},
    {"KernelCommandLine", kernel_command_line},
    {"Credential", credential},
    {"Security", security},
    {"Capability", capability},
    {"Environment", environment},
    {"User", user},
    {"Group", group},
    {"ControlGroupController", controllers},
    {"OSRelease", os_release},
});

}  // namespace

const std::span<const ConditionKind> system_conditions = system_kinds;

}  // namespace notifybridge::condition
