#pragma once

#include "init/install/root_source.hpp"

namespace notifybridge::install {

/// The files of this system; below a root directory, absolute links start at it, and none leads out
/// of it. All paths are those of this system, so a path below the root directory begins with it.
class BelowRoot : public load::FileSource {
public:
    /// `root` is an absolute path, or empty where nothing is below one.
    explicit BelowRoot(const std::string& root) : has_root_(!root.empty()), inside_(root) {}

    std::vector<load::Entry> list(const std::string& directory) const override;
    std::optional<std::string> read_link(const std::string& path) const override;
    std::string resolve(const std::string& directory) const override;
    load::FileStatus status(const std::string& path) const override;
    boost::system::result<std::string> read(const std::string& path) const override;
    load::FileLook look(const std::string& path) const override;

    /// What was found out about links to directories holds no longer.
    void forget() { directory_.clear(); }

private:
    struct Place {
        const load::FileSource& files;
        std::string path;       ///< To `files`.
        std::string_view root;  ///< What is before such a path.
    };
    Place place_of(const std::string& path) const;

    bool has_root_;
    load::DiskSource disk_;
    RootSource inside_;
    // Files are looked at directory by directory.
    mutable std::string directory_;       ///< The last one that a file was looked at in.
    mutable std::string real_directory_;  ///< The same on this system, links resolved.
};

}  // namespace notifybridge::install
