#pragma once

#include <string>

#include "init/load/source.hpp"

namespace notifybridge::load {

/// A directory that exists on no disk. It is the last one of a load path.
inline constexpr const char* built_in_directory = "/built-in";

/// A source that adds a directory with the units that boot and shutdown need (the part of
/// systemd.special(7) that containers need). Most images lack them. It also has drop-ins that skip
/// units of systemd's own package which are of no use here. A file of the image takes precedence.
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
