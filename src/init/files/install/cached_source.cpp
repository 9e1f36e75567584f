#include "init/files/install/cached_source.hpp"

#include "init/files/unit/path.hpp"

namespace notifybridge::install {

/// Returns the directory of `path` if its entries are known, or null.
const CachedSource::Directory* CachedSource::parent_of(std::string_view path) const {
    const auto found = directories_.find(unit::directory_name(path));
    return found == directories_.end() || !found->second.is_certain ? nullptr : &found->second;
}

bool CachedSource::is_missing(std::string_view path) const {
    const Directory* const parent = parent_of(path);
    return parent && !parent->kinds.contains(unit::file_name(path));
}

std::vector<load::Entry> CachedSource::list(const std::string& directory) const {
    if (is_missing(directory))
        return {};
    const auto [found, is_new] = directories_.try_emplace(directory);
    if (is_new) {
        found->second.entries = files_.list(directory);
        for (const load::Entry& entry : found->second.entries)
            found->second.kinds.emplace(entry.name, entry.kind);
        found->second.is_certain =
            !found->second.entries.empty() || files_.kind(directory) == load::FileKind::missing;
    }
    return found->second.entries;
}

std::optional<std::string> CachedSource::read_link(const std::string& path) const {
    if (const Directory* const parent = parent_of(path)) {
        const auto entry = parent->kinds.find(unit::file_name(path));
        if (entry == parent->kinds.end() || entry->second != load::EntryKind::link)
            return std::nullopt;
    }
    const auto [found, is_new] = links_.try_emplace(path);
    if (is_new)
        found->second = files_.read_link(path);
    return found->second;
}

std::string CachedSource::resolve(const std::string& directory) const {
    return files_.resolve(directory);
}

load::FileStatus CachedSource::status(const std::string& path) const {
    return is_missing(path) ? load::FileStatus() : files_.status(path);
}

boost::system::result<std::string> CachedSource::read(const std::string& path) const {
    return files_.read(path);
}

load::FileLook CachedSource::look(const std::string& path) const {
    return is_missing(path) ? load::FileLook() : files_.look(path);
}

}  // namespace notifybridge::install
