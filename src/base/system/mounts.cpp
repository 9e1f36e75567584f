#include "base/system/mounts.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/system/file.hpp"
#include "base/system/mount_info.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::system {
namespace {

constexpr const char* mountinfo_path = "/proc/self/mountinfo";

/// The types of file systems that do not hang. All other types may hang.
constexpr std::string_view quick_types =
    "bcachefs binfmt_misc bpf btrfs cgroup cgroup2 configfs cramfs debugfs devpts "
    "devtmpfs efivarfs erofs exfat ext2 ext3 ext4 f2fs fusectl hugetlbfs iso9660 jfs "
    "mqueue nsfs ntfs3 overlay proc pstore ramfs reiserfs resctrl rootfs securityfs "
    "selinuxfs squashfs sysfs tmpfs tracefs udf vfat xfs zfs";

std::string read_mountinfo() {
    return text_of(mountinfo_path, 16 * 1024 * 1024);
}

bool is_pattern(std::string_view name) {
    return name.find_first_of("*?[{\\") != name.npos;
}

bool is_any_below(const SlowMounts& mounts, const std::string& directory) {
    const auto next = mounts.lower_bound(directory + '/');
    return next != mounts.end() && next->starts_with(directory + '/');
}

}  // namespace

SlowMounts slow_mounts_in(std::string_view mountinfo) {
    SlowMounts found;
    while (auto mount = take_mount(mountinfo))
        if (mount->path != "/" && !util::has_word(quick_types, mount->type))
            found.insert(std::move(mount->path));
    return found;
}

bool leads_over(const SlowMounts& mounts, std::string_view path) {
    if (mounts.empty())
        return false;
    int links_left = 40;  // The kernel follows at most 40 links (path_resolution(7)).
    std::string place;    // A path without links that crosses none of the mounts.
    std::string rest(path);
    while (!rest.empty()) {
        std::string_view later = rest;
        const std::string name(util::take_until(later, '/'));
        rest = later;
        if (name.empty() || name == ".")
            continue;
        if (name == "..") {
            place.resize(std::min(place.rfind('/'), place.size()));
            continue;
        }
        if (is_pattern(name))
            return is_any_below(mounts, place);
        place += '/' + name;
        if (mounts.contains(place))
            return true;
        const auto target = read_link(place);
        if (!target)
            continue;
        if (--links_left == 0)
            return false;
        place.resize(target->starts_with('/') ? 0 : place.rfind('/'));
        rest = *target + '/' + rest;
    }
    return false;
}

bool has_mount_at(std::string_view mountinfo, std::string_view path) {
    while (const auto mount = take_mount(mountinfo))
        if (mount->path == path)
            return true;
    return false;
}

bool Mounts::is_mounted(std::string_view path) {
    return has_mount_at(read_mountinfo(), path);
}

Mounts::Mounts() : file_(::open(mountinfo_path, O_RDONLY | O_CLOEXEC)) {
    slow_ = slow_mounts_in(read_mountinfo());
}

const SlowMounts& Mounts::current() {
    pollfd changed{file_.get(), POLLPRI, 0};
    if (::poll(&changed, 1, 0) > 0)
        slow_ = slow_mounts_in(read_mountinfo());
    return slow_;
}

}  // namespace notifybridge::system
