#pragma once

#include <string>

#include "init/load/source.hpp"

namespace notifybridge::load {

/// A directory that is on no disk, to be the last one of a load path.
inline constexpr const char* built_in_directory = "/built-in";

/// Files, and besides them a directory of the units without which nothing boots or shuts down in
/// order (systemd.special(7), as far as a container needs them). Most images have none of them; the
/// file of one that has takes precedence.
class BuiltInSource : public FileSource {
public:
    explicit BuiltInSource(const FileSource& files) : files_(files) {}

    std::vector<Entry> list(const std::string& directory) const override;
    std::optional<std::string> read_link(const std::string& path) const override;
    std::string resolve(const std::string& directory) const override;
    FileStatus status(const std::string& path) const override;
    boost::system::result<std::string> read(const std::string& path) const override;
    FileLook look(const std::string& path) const override;

private:
    const FileSource& files_;
};

}  // namespace notifybridge::load
