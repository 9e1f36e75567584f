#pragma once

#include <map>

#include "init/files/load/source.hpp"

namespace notifybridge::ctl {

/// A source that provides the files of another source. Some files also have a second name.
class RenamedSource final : public load::FileSource {
public:
    explicit RenamedSource(const load::FileSource& files) : files_(files) {}

    /// Makes the file at `path` also available at the path `other`. Hides an existing file at
    /// `other`.
    void rename(std::string path, std::string other) { names_[std::move(other)] = std::move(path); }

    std::vector<load::Entry> list(const std::string& directory) const override;
    std::optional<std::string> read_link(const std::string& path) const override {
        return names_.contains(path) ? std::nullopt : files_.read_link(path);
    }
    std::string resolve(const std::string& directory) const override {
        return files_.resolve(directory);
    }
    load::FileStatus status(const std::string& path) const override {
        return files_.status(real(path));
    }
    boost::system::result<std::string> read(const std::string& path) const override {
        return files_.read(real(path));
    }

private:
    const std::string& real(const std::string& path) const {
        const auto found = names_.find(path);
        return found == names_.end() ? path : found->second;
    }

    const load::FileSource& files_;
    std::map<std::string, std::string> names_;  ///< The real paths, by their second names.
};

}  // namespace notifybridge::ctl
