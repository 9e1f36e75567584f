#include "bridge/channel/obstacle.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <span>

#include "base/system/file.hpp"
#include "base/system/remove_tree.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/escape.hpp"
#include "base/util/words.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/channel/lane.hpp"

namespace notifybridge::channel {
namespace {

using util::concat;

/// The most entries to remove from a directory. This takes half a second or less.
constexpr std::size_t most_removed = 100'000;
/// The number of names for directories that we move aside because we may not remove them. For
/// example, a user of another user namespace may own such a directory.
constexpr int most_aside = 4;

/// Removes the file or directory `name`, within our permissions and limits.
void discard(system::Fd directory, const char* name) {
    ::unlinkat(directory.get(), name, 0);
    constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    if (const system::UniqueFd tree{::openat(directory.get(), name, flags)})
        system::remove_content(tree, most_removed);
    ::unlinkat(directory.get(), name, AT_REMOVEDIR);
}

bool move_aside(system::Fd directory, const char* name) {
    for (int number = 0; number < most_aside; ++number) {
        const std::string aside = concat(system::removed_prefix, name, '-', number);
        discard(directory, aside.c_str());
        if (::renameat(directory.get(), name, directory.get(), aside.c_str()) == 0) {
            discard(directory, aside.c_str());
            return true;
        }
    }
    return false;
}

std::optional<std::string> explain_file(system::Fd directory, const char* name,
                                        const std::string& path) {
    struct statx status {};
    if (::statx(directory.get(), name, AT_SYMLINK_NOFOLLOW | (*name ? 0 : AT_EMPTY_PATH),
                STATX_TYPE, &status)
        < 0)
        return std::nullopt;
    const auto say = [&](std::string_view what, std::string_view command) {
        const std::string word = util::join_shell_words(std::span(&path, 1));
        return concat(util::quote(path), what, "; run `", command, ' ', word, "` as root");
    };
    if (status.stx_attributes & STATX_ATTR_IMMUTABLE)
        return say(" is immutable", "chattr -i");
    if (status.stx_attributes & STATX_ATTR_APPEND)
        return say(" is append-only", "chattr -a");
    if (*name && S_ISDIR(status.stx_mode))
        return say(" is a directory instead of a file", "rm -r");
    return std::nullopt;
}

}  // namespace

bool remove_obstacle(system::Fd directory, const char* name) {
    if (::unlinkat(directory.get(), name, AT_REMOVEDIR) == 0)
        return true;
    return (errno == ENOTEMPTY || errno == EEXIST) && move_aside(directory, name);
}

std::string find_unrelated_entry(system::Fd directory) {
    constexpr std::size_t most_entries = 1000;
    const auto entries = system::list_directory(system::proc_path(directory), most_entries);
    if (!entries)
        return {};
    std::string foreign;
    bool has_obstacle = false;
    for (const system::DirectoryEntry& entry : *entries) {
        if (util::contains(file_names, entry.name)) {
            // One of our files, perhaps of an earlier run, shows that notifybridge uses the
            // directory.
            if (entry.type != DT_DIR)
                return {};
            has_obstacle = true;
        } else if (!entry.name.starts_with('.') && !entry.name.starts_with(lane_prefix)) {
            foreign = entry.name;
        }
    }
    return has_obstacle ? foreign : std::string();
}

std::vector<std::string> remove_obstacles(system::Fd directory) {
    std::vector<std::string> removed;
    for (const std::string_view name : file_names)
        if (remove_obstacle(directory, name.data()))
            removed.emplace_back(name);
    return removed;
}

std::string explain_obstacle(system::Fd directory, const std::string& path) {
    if (const auto why = explain_file(directory, "", path))
        return *why;
    for (const std::string_view name : file_names)
        if (const auto why = explain_file(directory, name.data(), concat(path, '/', name)))
            return *why;
    return {};
}

}  // namespace notifybridge::channel
