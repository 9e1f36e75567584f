#pragma once

#include <set>
#include <string>

#include "init/files/load/source.hpp"

namespace notifybridge::install {

/// A source that counts the requests for directories and links.
class CountedSource : public load::FileSource {
public:
    explicit CountedSource(const load::FileSource& files) : files_(files) {}

    std::vector<load::Entry> list(const std::string& directory) const override {
        listed.insert(directory);
        return files_.list(directory);
    }
    std::optional<std::string> read_link(const std::string& path) const override {
        ++links;
        return files_.read_link(path);
    }
    std::string resolve(const std::string& directory) const override {
        return files_.resolve(directory);
    }
    load::FileStatus status(const std::string& path) const override { return files_.status(path); }
    boost::system::result<std::string> read(const std::string& path) const override {
        return files_.read(path);
    }

    mutable std::multiset<std::string> listed;  ///< The directories, once for each request.
    mutable unsigned links = 0;

private:
    const load::FileSource& files_;
};

}  // namespace notifybridge::install
