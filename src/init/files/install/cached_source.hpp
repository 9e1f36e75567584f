#pragma once

#include <map>
#include <string>

#include "init/files/load/source.hpp"

namespace notifybridge::install {

/// A source that reads each directory and each link only once, and so does not notice later
/// changes. It serves a function that looks for many unit files in the same directories.
class CachedSource : public load::FileSource {
public:
    explicit CachedSource(const load::FileSource& files) : files_(files) {}

    std::vector<load::Entry> list(const std::string& directory) const override;
    std::optional<std::string> read_link(const std::string& path) const override;
    std::string resolve(const std::string& directory) const override;
    load::FileStatus status(const std::string& path) const override;
    boost::system::result<std::string> read(const std::string& path) const override;
    load::FileLook look(const std::string& path) const override;

private:
    struct Directory {
        std::vector<load::Entry> entries;
        std::map<std::string, load::EntryKind, std::less<>> kinds;  ///< The entries by name.
        /// Whether the entries are known. False if the directory exists but has no entries, because
        /// we may lack the right to list it.
        bool is_certain = false;
    };

    const Directory* parent_of(std::string_view path) const;
    bool is_missing(std::string_view path) const;

    const load::FileSource& files_;
    mutable std::map<std::string, Directory, std::less<>> directories_;
    mutable std::map<std::string, std::optional<std::string>, std::less<>> links_;
};

}  // namespace notifybridge::install
