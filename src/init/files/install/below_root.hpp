#pragma once

#include "init/files/install/root_source.hpp"

namespace notifybridge::install {

/// A source of this system's files. If there is a root directory, absolute links start at that
/// directory, and no link leads out of it. Paths include the root directory.
class BelowRoot : public load::FileSource {
public:
    /// Reads the files below `root`, which is an absolute path. An empty `root` means that there is
    /// no root directory.
    explicit BelowRoot(const std::string& root) : has_root_(!root.empty()), inside_(root) {}

    std::vector<load::Entry> list(const std::string& directory) const override;
    std::optional<std::string> read_link(const std::string& path) const override;
    std::string resolve(const std::string& directory) const override;
    load::FileStatus status(const std::string& path) const override;
    boost::system::result<std::string> read(const std::string& path) const override;
    load::FileLook look(const std::string& path) const override;

    /// Forgets cached results about links to directories.
    void forget() { inside_.forget(); }

private:
    struct Place {
        const load::FileSource& files;
        std::string path;       ///< The path in the form that `files` expects.
        std::string_view root;  ///< The prefix that turns `path` into the caller's form.
    };
    Place place_of(const std::string& path) const;

    bool has_root_;
    load::DiskSource disk_;
    RootSource inside_;
};

}  // namespace notifybridge::install
