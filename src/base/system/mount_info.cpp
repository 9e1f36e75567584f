#include "base/system/mount_info.hpp"

#include "base/util/take_until.hpp"

namespace notifybridge::system {
namespace {

/// Replaces the kernel's escapes ("\040") for blanks, tabs, newlines and backslashes.
std::string unescape_path(std::string_view text) {
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

bool has_option(std::string_view options, std::string_view wanted) {
    while (!options.empty())
        if (util::take_until(options, ',') == wanted)
            return true;
    return false;
}

/// Parses a line with the format ID PARENT DEVICE ROOT MOUNT-POINT OPTIONS [OPTIONAL...] - TYPE
/// SOURCE OPTIONS.
std::optional<MountInfo> parse_mount(std::string_view line) {
    constexpr std::string_view end_of_optional = " - ";
    const std::size_t separator = line.find(end_of_optional);
    if (separator == line.npos)
        return std::nullopt;
    std::string_view file_system = line.substr(separator + end_of_optional.size());
    line = line.substr(0, separator);
    MountInfo mount;
    util::take_until(line, ' ');
    util::take_until(line, ' ');
    mount.device = util::take_until(line, ' ');
    mount.root = unescape_path(util::take_until(line, ' '));
    mount.path = unescape_path(util::take_until(line, ' '));
    mount.options = util::take_until(line, ' ');
    mount.type = util::take_until(file_system, ' ');
    util::take_until(file_system, ' ');
    mount.super_options = file_system;
    return mount;
}

}  // namespace

bool MountInfo::is_read_only() const {
    return has_option(options, "ro") || has_option(super_options, "ro");
}

std::optional<MountInfo> take_mount(std::string_view& mountinfo) {
    while (!mountinfo.empty())
        if (auto mount = parse_mount(util::take_until(mountinfo, '\n')))
            return mount;
    return std::nullopt;
}

}  // namespace notifybridge::system
