#include "init/hands/execute/cgroup.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/system/file.hpp"
#include "base/system/mount_info.hpp"
#include "base/util/concat.hpp"
#include "base/util/function_ref.hpp"
#include "base/util/number.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::execute {
namespace {

using util::concat;

/// The length in bytes of the longest list of processes that is read. The list of a group with a
/// hundred thousand processes has about 1 MB.
constexpr std::size_t longest_list = 16 * 1024 * 1024;

void for_each_line(std::string_view text, util::FunctionRef<void(std::string_view)> take) {
    while (!text.empty())
        take(util::take_until(text, '\n'));
}

/// Returns the subdirectories of `directory`. In a cgroup2 file system, each subdirectory is a
/// group.
std::vector<std::string> groups_below(const std::string& directory) {
    std::vector<std::string> found;
    if (const auto entries = system::list_directory(directory))
        for (const system::DirectoryEntry& entry : *entries)
            if (entry.type == DT_DIR && entry.name[0] != '.')
                found.push_back(concat(directory, '/', entry.name));
    return found;
}

void add_processes(const std::string& directory, std::vector<pid_t>& found) {
    for_each_line(system::text_of(directory + "/cgroup.procs", longest_list),
                  [&](std::string_view line) {
                      // The kernel shows 0 for a process of another pid namespace.
                      const auto pid = util::parse_number<pid_t>(line);
                      if (pid && *pid > 0)
                          found.push_back(*pid);
                  });
    for (const std::string& group : groups_below(directory))
        add_processes(group, found);
}

std::optional<std::uint64_t> read_number(const std::string& path) {
    const std::string text = system::text_of(path);
    return util::parse_number<std::uint64_t>(std::string_view(text).substr(0, text.find('\n')));
}

/// Reads a number from a file with lines of the form "KEY NUMBER".
std::optional<std::uint64_t> read_number(const std::string& path, std::string_view key) {
    std::optional<std::uint64_t> found;
    for_each_line(system::text_of(path), [&](std::string_view line) {
        if (line.starts_with(key) && line.substr(key.size()).starts_with(' '))
            found = util::parse_number<std::uint64_t>(line.substr(key.size() + 1));
    });
    return found;
}

void remove_groups(const std::string& directory) {
    const bool is_over = ::rmdir(directory.c_str()) == 0 || errno == ENOENT;
    if (is_over)
        return;
    for (const std::string& group : groups_below(directory))
        remove_groups(group);
    ::rmdir(directory.c_str());
}

/// Creates a new group below `directory`. Returns its name, or an empty text on failure.
std::string make_own_group(const std::string& directory) {
    // The name may exist already. A manager in another pid namespace may have our pid, or an
    // earlier manager may have left processes in the group.
    constexpr int most_tries = 1000;
    for (int number = 0; number < most_tries; ++number) {
        std::string name = concat("notifybridge-", ::getpid());
        if (number > 0)
            name += concat('.', number);
        if (::mkdir(concat(directory, '/', name).c_str(), 0755) == 0)
            return name;
        if (errno != EEXIST)
            break;
    }
    return {};
}

/// Returns the name of a unit's group. Adds the prefix "_" to a name that begins with "cgroup.",
/// like files of the kernel, or with ".", which `groups_below` skips. Also adds it to a name that
/// begins with "_", so that `unit_name` can remove it.
std::string group_name(std::string_view unit) {
    const bool is_taken =
        unit.starts_with('_') || unit.starts_with('.') || unit.starts_with("cgroup.");
    return concat(is_taken ? "_" : "", unit);
}

std::string unit_name(std::string_view group) {
    return std::string(group.substr(group.starts_with('_') ? 1 : 0));
}

}  // namespace

std::string parse_cgroup_path(std::string_view text) {
    std::string path;
    for_each_line(text, [&](std::string_view line) {
        constexpr std::string_view second_version = "0::";
        if (line.starts_with(second_version))
            path = line.substr(second_version.size());
    });
    return path;
}

std::string find_cgroup_directory(std::string_view mountinfo, std::string_view path) {
    std::string found;
    while (const auto mount = system::take_mount(mountinfo)) {
        if (mount->type != "cgroup2")
            continue;
        const std::string_view root = mount->root == "/" ? "" : std::string_view(mount->root);
        const bool is_below =
            path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/');
        if (is_below)
            found = concat(mount->path, path.substr(root.size()));
    }
    while (found.size() > 1 && found.ends_with('/'))
        found.pop_back();
    return found;
}

std::optional<Cgroups> Cgroups::below_our_own() {
    const std::string path = parse_cgroup_path(system::text_of("/proc/self/cgroup"));
    const std::string own = find_cgroup_directory(system::text_of("/proc/self/mountinfo"), path);
    // Moving a process into a group requires write access to the common ancestor of both groups.
    if (own.empty() || ::access((own + "/cgroup.procs").c_str(), W_OK) < 0)
        return std::nullopt;
    const std::string name = make_own_group(own);
    if (name.empty())
        return std::nullopt;
    Cgroups groups(concat(own, '/', name), concat(path == "/" ? "" : path, '/', name));
    // The kernel creates this file in each new group. Without it, the directory is not a group.
    if (::faccessat(groups.handle_.get(), "cgroup.procs", W_OK, 0) < 0)
        return std::nullopt;
    return groups;
}

Cgroups::Cgroups(std::string directory, std::string path)
    : directory_(std::move(directory)),
      path_(std::move(path)),
      handle_(::open(directory_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {}

Cgroups::Cgroups(Cgroups&& other) noexcept
    : directory_(std::exchange(other.directory_, {})),
      path_(std::move(other.path_)),
      handle_(std::move(other.handle_)) {}

Cgroups::~Cgroups() {
    if (!directory_.empty())
        remove_groups(directory_);
}

std::string Cgroups::directory_of(std::string_view unit) const {
    return concat(directory_, '/', group_name(unit));
}

system::UniqueFd Cgroups::make(std::string_view unit) const {
    const std::string group = group_name(unit);
    ::mkdirat(handle_.get(), group.c_str(), 0755);
    return open(group, O_PATH | O_DIRECTORY | O_NOFOLLOW);
}

system::UniqueFd Cgroups::open(const std::string& file, int flags) const {
    return system::UniqueFd(::openat(handle_.get(), file.c_str(), flags | O_CLOEXEC));
}

bool Cgroups::has_processes(std::string_view unit) const {
    const system::UniqueFd file = open(group_name(unit) + "/cgroup.events", O_RDONLY);
    if (!file)
        return false;
    char events[256];
    const auto size = system::read_at(file, std::as_writable_bytes(std::span(events)), 0);
    return size && std::string_view(events, *size).find("populated 1") != std::string_view::npos;
}

std::vector<pid_t> Cgroups::processes(std::string_view unit) const {
    std::vector<pid_t> found;
    // Check the group first, because most groups have no processes, and the check is faster.
    if (has_processes(unit))
        add_processes(directory_of(unit), found);
    return found;
}

manager::GroupUsage Cgroups::usage(std::string_view unit) const {
    const std::string directory = directory_of(unit);
    manager::GroupUsage usage;
    struct stat status {};
    if (::stat(directory.c_str(), &status) < 0)
        return usage;
    // Do not show an empty group. systemd would have removed it.
    if (has_processes(unit)) {
        usage.path = concat(path_, '/', group_name(unit));
        usage.id = status.st_ino;
    }
    usage.cpu_usec = read_number(directory + "/cpu.stat", "usage_usec");
    usage.memory_bytes = read_number(directory + "/memory.current");
    usage.tasks = read_number(directory + "/pids.current");
    return usage;
}

std::string Cgroups::unit_of(pid_t pid) const {
    const std::string path = parse_cgroup_path(system::text_of(concat("/proc/", pid, "/cgroup")));
    if (!path.starts_with(path_) || path.substr(path_.size()).size() < 2)
        return {};
    const std::string_view group = std::string_view(path).substr(path_.size() + 1);
    return path[path_.size()] == '/' ? unit_name(group.substr(0, group.find('/'))) : "";
}

bool Cgroups::kill_all(std::string_view unit) const {
    const system::UniqueFd file = open(group_name(unit) + "/cgroup.kill", O_WRONLY);
    return file && ::write(file.get(), "1", 1) == 1;
}

void Cgroups::remove(std::string_view unit) const {
    remove_groups(directory_of(unit));
}

}  // namespace notifybridge::execute
