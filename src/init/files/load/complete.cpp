#include "init/files/load/complete.hpp"

#include <linux/capability.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/util/concat.hpp"
#include "base/util/siphash.hpp"
#include "init/files/load/rules.hpp"
#include "init/files/load/type_row.hpp"

namespace notifybridge::load {
namespace {

using util::concat;

/// Sorts directories by their components. A directory comes before its subdirectories.
void sort_directories(unit::ExecDirectories& all) {
    const auto components_first = [](const unit::ExecDirectory& a, const unit::ExecDirectory& b) {
        return std::lexicographical_compare(
            a.path.begin(), a.path.end(), b.path.begin(), b.path.end(), [](char x, char y) {
                return (x == '/' ? 0 : static_cast<unsigned char>(x))
                       < (y == '/' ? 0 : static_cast<unsigned char>(y));
            });
    };
    std::ranges::sort(all.directories, components_first);
}

/// Removes the capabilities that PrivateDevices= and similar directives remove (systemd.exec(5)).
/// These directives have no other effects in this manager.
void restrict_capabilities(unit::ExecSettings& exec) {
    struct Restriction {
        bool is_requested;
        std::initializer_list<unsigned> capabilities;
    };
    const Restriction restrictions[] = {
        {exec.private_devices, {CAP_MKNOD, CAP_SYS_RAWIO}},
        {exec.protect_kernel_modules, {CAP_SYS_MODULE}},
        {exec.protect_kernel_logs, {CAP_SYSLOG}},
        {exec.protect_clock, {CAP_SYS_TIME, CAP_WAKE_ALARM}},
    };
    constexpr std::uint64_t all = std::numeric_limits<std::uint64_t>::max();
    for (const Restriction& restriction : restrictions)
        if (restriction.is_requested)
            for (const unsigned capability : restriction.capabilities)
                exec.capability_bounding_set =
                    exec.capability_bounding_set.value_or(all) & ~(std::uint64_t(1) << capability);
}

/// Returns whether useradd(8) accepts `name`. If so, `name` can be the name of a dynamic user, as
/// in systemd.
bool is_user_name(std::string_view name) {
    constexpr std::size_t longest = 31;
    const auto is_letter = [](char byte) {
        return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
    };
    return !name.empty() && name.size() <= longest && is_letter(name.front())
           && std::ranges::all_of(name, [&](char byte) {
                  return is_letter(byte) || (byte >= '0' && byte <= '9') || byte == '-';
              });
}

/// Returns the name of a dynamic user: "the user and group names are derived from the unit name"
/// (systemd.exec(5), DynamicUser=). Uses a hash if the unit name is not a valid user name.
std::string user_of(std::string_view unit) {
    constexpr util::SipKey key{0x964e5828e6af1a58, 0xec07928c3bf54eb4};
    if (is_user_name(unit))
        return std::string(unit);
    constexpr std::string_view digits = "0123456789abcdef";
    std::string name = "_du";
    const std::uint64_t hash = util::siphash(unit, key);
    for (int shift = 60; shift >= 0; shift -= 4)
        name += digits[hash >> shift & 0xF];
    return name;
}

/// Sets the settings that DynamicUser= implies and that we support.
void complete_dynamic_user(unit::ExecSettings& exec, const unit::UnitName& name) {
    if (exec.user.empty())
        exec.user = user_of(name.prefix());
    if (exec.group.empty())
        exec.group = exec.user;
    exec.no_new_privileges = true;
    if (exec.private_tmp == unit::PrivateTmp::no)
        exec.private_tmp = unit::PrivateTmp::disconnected;
}

/// Completes the settings for processes, in the same way for all unit types.
void complete_exec(unit::ExecSettings& exec, const unit::UnitName& name) {
    for (util::Rare<unit::ExecDirectories>* const directories :
         {&exec.runtime_directory, &exec.state_directory, &exec.cache_directory,
          &exec.logs_directory, &exec.configuration_directory})
        if (unit::ExecDirectories* const own = directories->own())
            sort_directories(*own);
    restrict_capabilities(exec);
    if (exec.dynamic_user)
        complete_dynamic_user(exec, name);
}

}  // namespace

unit::LoadState complete(unit::Settings& settings, const unit::UnitName& name, unit::Place file,
                         unit::Messages& messages) {
    if (unit::ExecSettings* const exec = settings.exec.own())
        complete_exec(*exec, name);
    if (const auto complete_own = type_row(name.type()).complete)
        if (const auto state = complete_own(settings, name, file, messages);
            state != unit::LoadState::loaded)
            return state;
    const bool isolates = settings.unit.on_failure_job_mode == unit::JobMode::isolate;
    const bool has_several =
        std::as_const(settings.unit.dependencies)[unit::Dependency::on_failure].size() > 1;
    // Read without `own`, because only a few units have settings of their own.
    const unit::ExecSettings& exec = *std::as_const(settings.exec);
    const bool is_good = holds_all(
        {{isolates && has_several, "OnFailureJobMode=isolate allows only one OnFailure="},
         {exec.dynamic_user && exec.working_directory == "~",
          "DynamicUser=yes does not allow WorkingDirectory=~, because its user has no home"}},
        file, messages);
    return is_good ? unit::LoadState::loaded : unit::LoadState::bad_setting;
}

}  // namespace notifybridge::load
