#pragma once

#include <string>

#include "init/files/load/source.hpp"

namespace notifybridge::load {

/// The path of a directory whose files are in this program, and not on a disk. It is the last
/// directory of a load path.
inline constexpr const char* built_in_directory = "/built-in";

/// Adds the built-in directory to another source. This directory has the units that boot and
/// shutdown need in a container (systemd.special(7)), because most images do not have these units.
/// It also has drop-ins that skip units of systemd's own package that are useless in a container.
/// Files of the image take precedence.
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
