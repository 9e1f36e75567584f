#include "bridge/channel/preparation.hpp"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/process/environment.hpp"
#include "base/system/error.hpp"
#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/escape.hpp"
#include "base/util/log.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/channel/lane.hpp"
#include "bridge/channel/obstacle.hpp"

namespace notifybridge::channel {

using util::concat;
using util::quote;

namespace {

void remove_if(system::Fd directory,
               util::FunctionRef<bool(const system::DirectoryEntry&)> is_left_over) {
    constexpr std::size_t most_entries = 1000;
    const auto entries = system::list_directory(system::proc_path(directory), most_entries);
    if (!entries)
        return;
    for (const system::DirectoryEntry& entry : *entries)
        if (is_left_over(entry))
            ::unlinkat(directory.get(), entry.name.c_str(), 0);
}

}  // namespace

std::string absolute_path(const std::string& shared_directory) {
    try {
        return process::absolute_path(shared_directory);
    } catch (const std::system_error& error) {
        throw DirectoryError(
            concat("shared directory ", quote(shared_directory),
                   ": cannot find its absolute path: ", system::describe(error.code().value()),
                   "; the working directory was removed: give an absolute path"));
    }
}

void clear_obstacles(system::Fd directory, const std::string& shared_directory) {
    if (const std::string foreign = find_unrelated_entry(directory); !foreign.empty())
        throw DirectoryError(
            concat("shared directory ", quote(shared_directory), ": it has other content (",
                   quote(foreign),
                   "), so the directory that stands in the way of a file of notifybridge is not "
                   "removed; choose an empty directory with SHARED_DIR"));
    for (const std::string& name : remove_obstacles(directory))
        util::log(util::Severity::warning, util::Topic::process, "removed the directory ",
                  quote(concat(shared_directory, '/', name)),
                  ", because notifybridge needs a file with this name");
}

void remove_unfinished(system::Fd directory, std::initializer_list<const char*> names) {
    remove_if(directory, [names](const system::DirectoryEntry& entry) {
        return std::ranges::any_of(
            names, [&](const char* name) { return system::is_temporary_name(entry.name, name); });
    });
}

void remove_other_lanes(system::Fd directory, const RunId& run) {
    remove_if(directory, [&](const system::DirectoryEntry& entry) {
        if (entry.type != DT_SOCK || !entry.name.starts_with(lane_prefix))
            return false;
        const auto other =
            system::parse_random_id(std::string_view(entry.name).substr(lane_prefix.size()));
        return other && *other != run;
    });
}

std::string_view advice_if_full(int error) {
    if (error != ENOSPC && error != EDQUOT)
        return {};
    return "its file system is full (see `df` and `df -i`); remove files there, or choose another "
           "directory with SHARED_DIR";
}

void make_files(const std::string& shared_directory, util::FunctionRef<void()> act) {
    try {
        act();
    } catch (const std::system_error& error) {
        // These errors are caused by limits of this process or of the machine, not by the
        // directory.
        constexpr std::array limits = {EFBIG, EMFILE, ENFILE, ENOMEM};
        if (util::contains(limits, error.code().value()))
            throw;
        const auto directory = system::open_directory(shared_directory);
        std::string why =
            directory ? explain_obstacle(*directory, shared_directory) : std::string();
        if (why.empty())
            why = advice_if_full(error.code().value());
        if (why.empty())
            why =
                "check that files and sockets can be created in it, or choose another directory "
                "with SHARED_DIR";
        throw DirectoryError(
            concat("shared directory ", quote(shared_directory), ": ", error.what(), "; ", why));
    }
}

}  // namespace notifybridge::channel
