#include "init/files/load/source.hpp"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/system/error.hpp"
#include "base/system/file.hpp"

namespace notifybridge::load {
namespace {

EntryKind kind_of_mode(mode_t mode) {
    if (S_ISREG(mode))
        return EntryKind::file;
    if (S_ISLNK(mode))
        return EntryKind::link;
    return S_ISDIR(mode) ? EntryKind::directory : EntryKind::other;
}

FileKind kind_of(const struct stat& status) {
    if (S_ISDIR(status.st_mode))
        return FileKind::directory;
    if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode))
        return FileKind::null;
    if (!S_ISREG(status.st_mode))
        return FileKind::other;
    return status.st_size == 0 ? FileKind::null : FileKind::regular;
}

FileStatus status_of(const struct stat& status) {
    constexpr std::int64_t nanoseconds = 1'000'000'000;
    return {kind_of(status), status.st_mtim.tv_sec * nanoseconds + status.st_mtim.tv_nsec};
}

constexpr std::size_t most_text = 16 * 1024 * 1024;

boost::system::result<std::string> within_limit(system::Result<std::string> text) {
    if (text && text->size() > most_text)
        return system::error_of(EFBIG);
    return text;
}

FileLook look_at(const std::string& path, const struct stat& status) {
    FileLook look{status_of(status)};
    if (look.status.kind == FileKind::regular)
        look.text = within_limit(
            system::read_sized_text(path, static_cast<std::size_t>(status.st_size), most_text + 1));
    return look;
}

EntryKind kind_of_entry(const std::string& directory, const system::DirectoryEntry& entry) {
    if (entry.type != DT_UNKNOWN)
        return kind_of_mode(DTTOIF(entry.type));
    struct stat status {};
    const std::string path = directory + '/' + entry.name;
    return ::lstat(path.c_str(), &status) == 0 ? kind_of_mode(status.st_mode) : EntryKind::other;
}

}  // namespace

std::vector<Entry> DiskSource::list(const std::string& directory) const {
    std::vector<Entry> entries;
    if (const auto found = system::list_directory(directory))
        for (const system::DirectoryEntry& entry : *found)
            entries.push_back({entry.name, kind_of_entry(directory, entry)});
    return entries;
}

std::optional<std::string> DiskSource::read_link(const std::string& path) const {
    auto target = system::read_link(path);
    return target ? std::optional(std::move(*target)) : std::nullopt;
}

std::string DiskSource::resolve(const std::string& directory) const {
    char resolved[PATH_MAX];
    return ::realpath(directory.c_str(), resolved) ? resolved : directory;
}

FileStatus DiskSource::status(const std::string& path) const {
    struct stat status {};
    return ::stat(path.c_str(), &status) < 0 ? FileStatus() : status_of(status);
}

boost::system::result<std::string> DiskSource::read(const std::string& path) const {
    return within_limit(system::read_text(path, most_text + 1));
}

FileLook DiskSource::look(const std::string& path) const {
    struct stat status {};
    return ::stat(path.c_str(), &status) < 0 ? FileLook() : look_at(path, status);
}

std::optional<FileLook> DiskSource::look_unless_link(const std::string& path) const {
    struct stat status {};
    if (::lstat(path.c_str(), &status) < 0)
        return FileLook();
    return S_ISLNK(status.st_mode) ? std::nullopt : std::optional(look_at(path, status));
}

}  // namespace notifybridge::load
