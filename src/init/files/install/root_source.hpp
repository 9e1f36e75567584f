#pragma once

#include "init/files/load/source.hpp"

namespace notifybridge::install {

/// A source of the files below a directory that serves as the root directory. Absolute links start
/// at this directory, and no link leads out of it.
class RootSource : public load::FileSource {
public:
    /// Reads the files below `root`, which is an absolute path. An empty `root` means this system's
    /// root directory.
    explicit RootSource(std::string root);

    std::vector<load::Entry> list(const std::string& directory) const override;
    std::optional<std::string> read_link(const std::string& path) const override;
    /// Resolves the links in a path. Does not change the part of the path that does not exist.
    std::string resolve(const std::string& directory) const override;
    load::FileStatus status(const std::string& path) const override;
    boost::system::result<std::string> read(const std::string& path) const override;
    load::FileLook look(const std::string& path) const override;

    /// Forgets cached results of `look` about links to directories.
    void forget() { directory_.clear(); }

    const std::string& root() const noexcept { return root_; }
    /// Returns the real path of a file. Does not follow a link in the last component.
    std::string real_path(const std::string& path) const;
    /// Returns the path with the root directory in front.
    std::string shown(const std::string& path) const { return root_ + path; }

private:
    std::string real_target(const std::string& path) const;

    load::DiskSource disk_;
    std::string root_;
    // Caches one resolved directory for `look`, because callers look at files directory by
    // directory.
    mutable std::string directory_;       ///< The directory of the last look.
    mutable std::string real_directory_;  ///< The same directory on the disk, with links resolved.
};

}  // namespace notifybridge::install
