#pragma once

#include <map>
#include <string>

#include "init/files/load/source.hpp"
#include "init/files/unit/path.hpp"

namespace notifybridge::load::test {

/// A source with files in memory. A file whose content starts with "-> " is a symbolic link.
/// "/dev/null" exists.
class MapSource : public FileSource {
public:
    std::map<std::string, std::string> files;

    std::vector<Entry> list(const std::string& directory) const override {
        std::map<std::string, EntryKind> found;
        for (const auto& [path, content] : files) {
            if (!path.starts_with(directory + '/'))
                continue;
            const std::string rest = path.substr(directory.size() + 1);
            const std::size_t slash = rest.find('/');
            found[rest.substr(0, slash)] = slash != rest.npos           ? EntryKind::directory
                                           : content.starts_with("-> ") ? EntryKind::link
                                                                        : EntryKind::file;
        }
        std::vector<Entry> entries;
        for (const auto& [entry, kind] : found)
            entries.push_back({entry, kind});
        return entries;
    }

    std::optional<std::string> read_link(const std::string& path) const override {
        const auto found = files.find(path);
        if (found == files.end() || !found->second.starts_with("-> "))
            return std::nullopt;
        return found->second.substr(3);
    }

    std::string resolve(const std::string& directory) const override { return directory; }

    FileStatus status(const std::string& path) const override {
        if (path == "/dev/null")
            return {FileKind::null};
        if (const auto target = read_link(path))
            return status(follow(path, *target));
        const auto found = files.find(path);
        if (found == files.end())
            return {list(path).empty() ? FileKind::missing : FileKind::directory};
        return {found->second.empty() ? FileKind::null : FileKind::regular};
    }

    boost::system::result<std::string> read(const std::string& path) const override {
        if (const auto target = read_link(path))
            return read(follow(path, *target));
        return files.at(path);
    }

private:
    static std::string follow(const std::string& path, const std::string& target) {
        if (unit::is_absolute(target))
            return target;
        return std::string(unit::directory_name(path)) + '/' + target;
    }
};

}  // namespace notifybridge::load::test
