#include "base/process/cgroup_unit.hpp"

#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::process {
namespace {

/// Returns the path in the unified hierarchy (cgroup 2). If this path is missing or "/", returns
/// the path in systemd's own hierarchy (cgroup 1).
std::string_view path_in(std::string_view text) {
    constexpr std::string_view unified = "0::";
    constexpr std::string_view of_systemd = ":name=systemd:";
    std::string_view path;
    while (!text.empty()) {
        const std::string_view line = util::take_until(text, '\n');
        if (line.starts_with(unified) && line.size() > unified.size() + 1)
            return line.substr(unified.size());
        if (const std::size_t at = line.find(of_systemd); at != line.npos)
            path = line.substr(at + of_systemd.size());
    }
    return path;
}

/// Removes slices and the next component from `path`. Returns this component if it is a unit.
std::string_view take_unit(std::string_view& path) {
    std::string_view component;
    do {
        if (path.starts_with('/'))
            path.remove_prefix(1);
        component = util::take_until(path, '/');
    } while (component.ends_with(".slice"));
    // systemd prepends "_" to names that could clash with files of the kernel.
    if (component.starts_with('_'))
        component.remove_prefix(1);
    return component.ends_with(".service") || component.ends_with(".scope") ? component
                                                                            : std::string_view();
}

std::optional<uid_t> user_of_manager(std::string_view unit) {
    constexpr std::string_view start = "user@";
    constexpr std::string_view end = ".service";
    if (!unit.starts_with(start) || !unit.ends_with(end))
        return std::nullopt;
    unit.remove_prefix(start.size());
    unit.remove_suffix(end.size());
    return util::parse_number<uid_t>(unit);
}

}  // namespace

CgroupUnit unit_in_cgroup(std::string_view text) {
    std::string_view path = path_in(text);
    CgroupUnit unit;
    unit.name = take_unit(path);
    const auto user = user_of_manager(unit.name);
    if (const std::string_view below = user ? take_unit(path) : std::string_view();
        !below.empty()) {
        unit.name = below;
        unit.user = user;
    }
    return unit;
}

CgroupUnit unit_of_process(std::string_view process) {
    return unit_in_cgroup(system::text_of(util::concat("/proc/", process, "/cgroup")));
}

}  // namespace notifybridge::process
