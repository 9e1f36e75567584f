#include "base/system/mounts.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/system/file.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::system {
namespace {

constexpr const char* mountinfo_path = "/proc/self/mountinfo";

/// The file systems that do not hang; any other may. In order, to be searched.
constexpr auto quick_types = std::to_array<std::string_view>({
    "bcachefs", "binfmt_misc", "bpf",     "btrfs",    "cgroup",     "cgroup2",   "configfs",
    "cramfs",   "debugfs",     "devpts",  "devtmpfs", "efivarfs",   "erofs",     "exfat",
    "ext2",     "ext3",        "ext4",    "f2fs",     "fusectl",    "hugetlbfs", "iso9660",
    "jfs",      "mqueue",      "nsfs",    "ntfs3",    "overlay",    "proc",      "pstore",
    "ramfs",    "reiserfs",    "resctrl", "rootfs",   "securityfs", "selinuxfs", "squashfs",
    "sysfs",    "tmpfs",       "tracefs", "udf",      "vfat",       "xfs",       "zfs",
});
static_assert(std::is_sorted(quick_types.begin(), quick_types.end()));

/// Blanks and the like are written as "\040".
std::string unescape(std::string_view text) {
    constexpr std::size_t digits = 3;
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '\\' || at + digits >= text.size()) {
            out += text[at];
            continue;
        }
        unsigned byte = 0;
        for (const char digit : text.substr(at + 1, digits))
            byte = byte * 8 + static_cast<unsigned>(digit - '0');
        out += static_cast<char>(byte);
        at += digits;
    }
    return out;
}

bool is_pattern(std::string_view name) {
    return name.find_first_of("*?[") != name.npos;
}

bool is_any_below(const SlowMounts& mounts, const std::string& directory) {
    const auto next = mounts.lower_bound(directory + '/');
    return next != mounts.end() && next->starts_with(directory + '/');
}

}  // namespace

SlowMounts slow_mounts_in(std::string_view mountinfo) {
    SlowMounts found;
    while (!mountinfo.empty()) {
        // ID PARENT DEVICE ROOT MOUNT-POINT OPTIONS [OPTIONAL...] - TYPE SOURCE OPTIONS
        std::string_view line = util::take_until(mountinfo, '\n');
        for (int skipped = 0; skipped < 4; ++skipped)
            util::take_until(line, ' ');
        const std::string_view place = util::take_until(line, ' ');
        const std::size_t separator = line.find(" - ");
        if (separator == line.npos || place == "/")
            continue;
        line.remove_prefix(separator + 3);
        const std::string_view type = util::take_until(line, ' ');
        if (!std::binary_search(quick_types.begin(), quick_types.end(), type))
            found.insert(unescape(place));
    }
    return found;
}

bool leads_over(const SlowMounts& mounts, std::string_view path) {
    if (mounts.empty())
        return false;
    int links_left = 40;  // As many as the kernel follows (path_resolution(7)).
    std::string place;    // Without links, and not over any of them.
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

Mounts::Mounts() : file_(::open(mountinfo_path, O_RDONLY | O_CLOEXEC)) {
    slow_ = slow_mounts_in(text_of(mountinfo_path, 16 * 1024 * 1024));
}

const SlowMounts& Mounts::current() {
    pollfd changed{file_.get(), POLLPRI, 0};
    if (::poll(&changed, 1, 0) > 0)
        slow_ = slow_mounts_in(text_of(mountinfo_path, 16 * 1024 * 1024));
    return slow_;
}

}  // namespace notifybridge::system
