#include "bridge/status/owner.hpp"

#include <sys/stat.h>

#include "base/process/cgroup_unit.hpp"
#include "base/process/proc.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::status {
namespace {

using util::concat;

std::uint64_t mount_namespace_at(const std::string& process) {
    struct stat status;
    return ::stat(concat("/proc/", process, "/ns/mnt").c_str(), &status) == 0 ? status.st_ino : 0;
}

}  // namespace

Owner owner_of_process(pid_t pid) {
    Owner owner;
    owner.pid = pid;
    // The first number in this field is the real uid.
    const std::string users = process::status_field(pid, "Uid");
    std::string_view rest = users;
    owner.uid = util::parse_number<uid_t>(util::take_until(rest, '\t')).value_or(0);
    const auto unit = process::unit_of_process(concat(pid));
    if (unit.is_service()) {
        owner.unit = unit.name;
        owner.manager = unit.user;
    }
    const std::uint64_t mounts = mount_namespace_at(concat(pid));
    owner.mounts = mounts == mount_namespace_at("self") ? 0 : mounts;
    return owner;
}

std::string unit_text(const Owner& owner, uid_t viewer) {
    const bool is_of_other = owner.manager && *owner.manager != viewer;
    return is_of_other ? concat(owner.unit, " of uid ", *owner.manager) : owner.unit;
}

}  // namespace notifybridge::status
