#include "init/hands/perform/path_watches.hpp"

#include <sys/inotify.h>

#include <cerrno>
#include <utility>

#include "base/system/file.hpp"
#include "base/system/lock.hpp"
#include "init/files/unit/path.hpp"

namespace notifybridge::perform {
namespace {

using Exists = util::FunctionRef<bool(const std::string& path)>;

constexpr std::uint32_t end_of_file = IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB;
constexpr std::uint32_t new_name = IN_CREATE | IN_MOVED_TO;

/// Returns the events that a rule of this kind needs for its own path. systemd 252 uses the same
/// events.
std::uint32_t events_of(unit::PathKind kind) {
    constexpr std::uint32_t change =
        end_of_file | new_name | IN_CLOSE_WRITE | IN_DELETE | IN_MOVED_FROM;
    switch (kind) {
        case unit::PathKind::exists:
        case unit::PathKind::exists_glob:
            return end_of_file;
        case unit::PathKind::changed:
            return change;
        case unit::PathKind::modified:
            return change | IN_MODIFY;
        case unit::PathKind::directory_not_empty:
            break;
    }
    return end_of_file | new_name;
}

bool is_reported(const std::string& path) {
    const system::UniqueFd file = system::open_handle(path);
    return !file || system::is_local_file_system(file);
}

/// Watches a file. If the file is a symbolic link, also watches the link itself, which may be
/// replaced. Returns 0 or an errno value.
int watch_file(WatchTable& table, const std::string& path, const Interest& interest) {
    Interest of_link = interest;
    of_link.is_content = false;
    const auto link = table.add(path, WatchTable::Link::kept, of_link);
    if (!link)
        return link.error().value();
    const auto file = table.add(path, WatchTable::Link::followed, interest);
    return file ? 0 : file.error().value();
}

/// Watches the directories above the path. A directory may be moved away, and a link among them may
/// be replaced. Returns 0 or an errno value.
int watch_ancestors(WatchTable& table, Interest interest, std::string_view path) {
    for (path = unit::directory_name(path); path.size() > 1; path = unit::directory_name(path)) {
        const std::string directory(path);
        interest.events = IN_MOVE_SELF;
        const auto file = table.add(directory, WatchTable::Link::followed, interest);
        const auto link = table.add(directory, WatchTable::Link::kept, interest);
        for (const auto& added : {file, link})
            if (!added && may_poll(added.error().value()))
                return added.error().value();
        if (!file || !link || *file == *link)
            continue;
        interest.events = end_of_file;
        if (const auto added = table.add(directory, WatchTable::Link::kept, interest);
            !added && may_poll(added.error().value()))
            return added.error().value();
    }
    return 0;
}

/// Watches the path of a rule. If the path does not exist, watches the nearest existing directory
/// above it. Returns 0 or an errno value.
int watch_rule(WatchTable& table, std::uint64_t owner, std::size_t number,
               const unit::PathRule& rule, Exists exists) {
    const Interest whole = {owner, number, events_of(rule.kind), "", rule.counts_changes()};
    Interest interest = whole;
    std::string path = rule.path;
    std::string below;
    std::size_t longest = 0;
    for (;;) {
        const int error = watch_file(table, path, interest);
        if (error == 0) {
            // The next component of the path may have been created before the watch began.
            if (below.empty() || path.size() <= longest || !exists(below))
                break;
            longest = path.size();
            path = rule.path;
            below.clear();
            interest = whole;
            continue;
        }
        if ((error != ENOENT && error != EACCES) || path == "/")
            return error;
        const std::string_view name = unit::file_name(path);
        const bool is_pattern =
            rule.kind == unit::PathKind::exists_glob && name.find_first_of("*?[{\\") != name.npos;
        interest = {owner, number, end_of_file | new_name,
                    is_pattern ? std::string() : std::string(name), false};
        below = std::exchange(path, std::string(unit::directory_name(path)));
    }
    return is_reported(path)
               ? watch_ancestors(table, {owner, number, IN_MOVE_SELF, "", false}, path)
               : EREMOTE;
}

}  // namespace

bool may_poll(int error) {
    switch (error) {
        case EMFILE:
        case ENFILE:
        case ENOMEM:
        case ENOSPC:
        case ENOSYS:
        // The file system does not report changes that other machines make, or its server is gone.
        case EREMOTE:
        case ENOTCONN:
        case ESTALE:
        case EIO:
            return true;
        default:
            return false;
    }
}

int watch_rules(WatchTable& table, std::uint64_t owner, const std::vector<unit::PathRule>& rules,
                util::FunctionRef<bool(const std::string& path)> exists) {
    int error = 0;
    for (std::size_t number = 0; number < rules.size() && error == 0; ++number)
        error = watch_rule(table, owner, number, rules[number], exists);
    if (error != 0)
        table.remove(owner);
    return error;
}

}  // namespace notifybridge::perform
