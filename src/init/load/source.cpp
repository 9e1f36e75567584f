#include "init/load/source.hpp"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "base/system/error.hpp"
#include "base/system/file.hpp"

namespace notifybridge::load {
namespace {

struct DirectoryCloser {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

EntryKind kind_of_mode(mode_t mode) {
    if (S_ISREG(mode))
        return EntryKind::file;
    if (S_ISLNK(mode))
        return EntryKind::link;
    return S_ISDIR(mode) ? EntryKind::directory : EntryKind::other;
}

EntryKind kind_of_entry(const std::string& directory, const dirent& entry) {
    if (entry.d_type != DT_UNKNOWN)
        return kind_of_mode(DTTOIF(entry.d_type));
    struct stat status {};
    const std::string path = directory + '/' + entry.d_name;
    return ::lstat(path.c_str(), &status) == 0 ? kind_of_mode(status.st_mode) : EntryKind::other;
}

}  // namespace

std::vector<Entry> DiskSource::list(const std::string& directory) const {
    std::vector<Entry> entries;
    const std::unique_ptr<DIR, DirectoryCloser> open(::opendir(directory.c_str()));
    if (!open)
        return entries;
    while (const dirent* const entry = ::readdir(open.get())) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..")
            entries.push_back({std::string(name), kind_of_entry(directory, *entry)});
    }
    return entries;
}

std::optional<std::string> DiskSource::read_link(const std::string& path) const {
    std::string target(PATH_MAX, '\0');
    const ssize_t length = ::readlink(path.c_str(), target.data(), target.size());
    if (length < 0)
        return std::nullopt;
    target.resize(static_cast<std::size_t>(length));
    return target;
}

std::string DiskSource::resolve(const std::string& directory) const {
    char resolved[PATH_MAX];
    return ::realpath(directory.c_str(), resolved) ? resolved : directory;
}

FileKind DiskSource::kind(const std::string& path) const {
    struct stat status {};
    if (::stat(path.c_str(), &status) < 0)
        return FileKind::missing;
    if (S_ISDIR(status.st_mode))
        return FileKind::directory;
    if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode))
        return FileKind::null;
    if (!S_ISREG(status.st_mode))
        return FileKind::other;
    return status.st_size == 0 ? FileKind::null : FileKind::regular;
}

boost::system::result<std::string> DiskSource::read(const std::string& path) const {
    constexpr std::size_t most = 16 * 1024 * 1024;
    auto text = system::read_text(path, most + 1);
    if (text && text->size() > most)
        return boost::system::error_code(EFBIG, boost::system::system_category());
    return text;
}

}  // namespace notifybridge::load
