#include "init/files/facts/facts.hpp"

#include <linux/capability.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/system/accounts.hpp"
#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/literal.hpp"
#include "base/util/number.hpp"
#include "base/util/take_until.hpp"
#include "init/files/facts/machine_id.hpp"
#include "init/files/unit/environment.hpp"
#include "init/files/unit/path.hpp"

namespace notifybridge::facts {
namespace {

using unit::Facts;
using util::concat;

std::optional<std::string> read_file(const char* path) {
    constexpr std::size_t most = 1024 * 1024;
    auto text = system::read_text(path, most);
    return text ? std::optional(std::move(*text)) : std::nullopt;
}

/// Returns the value of the variable `name` if it is an absolute path, or else `otherwise`.
std::string path_variable(const FactSources& sources, const char* name, std::string otherwise) {
    const char* const value = sources.variable(name);
    return value && unit::is_absolute(value) ? unit::simplify_path(value) : std::move(otherwise);
}

void add_account(const FactSources& sources, Facts& facts) {
    facts.user_id = std::to_string(sources.user);
    facts.group_id = std::to_string(sources.group);
    const auto user =
        system::find_user(sources.read_file("/etc/passwd").value_or(""), facts.user_id);
    const auto group =
        system::find_group(sources.read_file("/etc/group").value_or(""), facts.group_id);
    const bool is_root = sources.user == 0;
    facts.user = is_root ? "root" : user ? user->name : facts.user_id;
    facts.group = sources.group == 0 ? "root" : group ? group->name : facts.group_id;
    std::string home = is_root ? "/root" : user ? user->home : "/";
    // Ignore HOME=/, which the kernel sets for PID 1.
    const char* const home_variable = sources.variable("HOME");
    const bool is_set = home_variable && !(is_root && std::string_view(home_variable) == "/");
    facts.home = is_set ? path_variable(sources, "HOME", home) : home;
    facts.shell = path_variable(sources, "SHELL",
                                user && unit::is_absolute(user->shell) ? user->shell : facts.shell);
}

void add_directories(const FactSources& sources, Facts& facts) {
    // TMP, TEMP and TMPDIR name the directory for temporary files. The last variable that is set
    // takes precedence (systemd.unit(5), %T).
    for (const char* const name : {"TMP", "TEMP", "TMPDIR"}) {
        facts.temporary_directory = path_variable(sources, name, facts.temporary_directory);
        facts.large_temporary_directory =
            path_variable(sources, name, facts.large_temporary_directory);
    }
    if (sources.user == 0)
        return;
    facts.runtime_directory = runtime_directory(sources);
    facts.configuration_directory =
        path_variable(sources, "XDG_CONFIG_HOME", facts.home + "/.config");
    facts.state_directory = facts.configuration_directory;
    facts.logs_directory = facts.configuration_directory + "/log";
    facts.data_directory = path_variable(sources, "XDG_DATA_HOME", facts.home + "/.local/share");
    facts.cache_directory = path_variable(sources, "XDG_CACHE_HOME", facts.home + "/.cache");
}

/// Translates the machine's name in uname(2) to systemd's name of the architecture
/// (systemd.unit(5), ConditionArchitecture=).
std::string architecture(const std::string& machine) {
    struct Name {
        util::Literal machine;
        util::Literal name;
    };
    static constexpr auto names = std::to_array<Name>({
        {"x86_64", "x86-64"},
        {"i386", "x86"},
        {"i486", "x86"},
        {"i586", "x86"},
        {"i686", "x86"},
        {"aarch64", "arm64"},
        {"aarch64_be", "arm64-be"},
        {"armv6l", "arm"},
        {"armv7l", "arm"},
        {"armv8l", "arm"},
        {"ppc64le", "ppc64-le"},
        {"ppcle", "ppc-le"},
    });
    const auto found =
        std::ranges::find_if(names, [&](const Name& each) { return each.machine == machine; });
    return found == names.end() ? machine : std::string(found->name.view());
}

void add_machine(const FactSources& sources, Facts& facts) {
    const bool has_name = !sources.host_name.empty() && sources.host_name != "(none)";
    facts.host_name = has_name ? sources.host_name : "localhost";
    facts.short_host_name = facts.host_name.substr(0, facts.host_name.find('.'));
    const auto info =
        unit::parse_environment_file(sources.read_file("/etc/machine-info").value_or(""));
    const auto pretty = unit::get_variable(info, "PRETTY_HOSTNAME").value_or("");
    facts.pretty_host_name = pretty.empty() ? facts.short_host_name : std::string(pretty);
    facts.kernel_release = sources.kernel_release;
    facts.architecture = architecture(sources.machine);
    facts.machine_id = parse_id128(sources.read_file("/etc/machine-id"));
    facts.boot_id = parse_id128(sources.read_file("/proc/sys/kernel/random/boot_id"));
}

/// Returns whether the capabilities in /proc/self/status include CAP_SYS_PTRACE.
bool has_ptrace(std::string_view status) {
    constexpr std::string_view label = "\nCapEff:\t";
    const std::size_t at = status.find(label);
    if (at == status.npos)
        return true;
    std::string_view rest = status.substr(at + label.size());
    const auto set = util::parse_number<std::uint64_t>(util::take_until(rest, '\n'), 16);
    return !set || (*set >> CAP_SYS_PTRACE & 1U) != 0;
}

/// Adds the facts in os-release(5).
void add_operating_system(const FactSources& sources, Facts& facts) {
    auto text = sources.read_file("/etc/os-release");
    if (!text)
        text = sources.read_file("/usr/lib/os-release");
    const auto release = unit::parse_environment_file(text.value_or(""));
    const auto field = [&](std::string_view name) {
        return std::string(unit::get_variable(release, name).value_or(""));
    };
    facts.os_id = field("ID");
    facts.os_version_id = field("VERSION_ID");
    facts.os_build_id = field("BUILD_ID");
    facts.os_variant_id = field("VARIANT_ID");
    facts.os_image_id = field("IMAGE_ID");
    facts.os_image_version = field("IMAGE_VERSION");
}

}  // namespace

FactSources own_fact_sources() {
    utsname machine{};
    ::uname(&machine);
    return {read_file,        [](const char* name) -> const char* { return std::getenv(name); },
            ::getuid(),       ::getgid(),
            machine.nodename, machine.release,
            machine.machine};
}

std::string runtime_directory(const FactSources& sources) {
    return sources.user == 0
               ? "/run"
               : path_variable(sources, "XDG_RUNTIME_DIR", concat("/run/user/", sources.user));
}

unit::Facts gather_facts(const FactSources& sources) {
    Facts facts;
    add_account(sources, facts);
    add_directories(sources, facts);
    add_machine(sources, facts);
    add_operating_system(sources, facts);
    facts.can_see_programs = has_ptrace(sources.read_file("/proc/self/status").value_or(""));
    return facts;
}

}  // namespace notifybridge::facts
