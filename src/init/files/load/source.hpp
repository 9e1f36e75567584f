#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::load {

enum class EntryKind { file, link, directory, other };

struct Entry {
    std::string name;
    EntryKind kind;
};

/// The kind of the file that a path leads to after all links are followed.
enum class FileKind {
    missing,
    regular,
    directory,
    null,   ///< An empty file, or a device such as /dev/null. Such a file masks a unit.
    other,  ///< A FIFO or a socket.
};

struct FileStatus {
    FileKind kind = FileKind::missing;
    /// The time of the last change of the content, in nanoseconds since 1970.
    std::int64_t change_time = 0;
};

/// The status and the content of a file.
struct FileLook {
    FileStatus status;
    boost::system::result<std::string> text = std::string();  ///< The content of a regular file.
};

/// The largest number of links that are followed for one path. The kernel has the same limit
/// (path_resolution(7)).
inline constexpr int most_links = 40;

/// A source of the files from which units are loaded. All paths are absolute.
class FileSource {
public:
    virtual ~FileSource() = default;

    /// Returns the entries of the directory in any order, without "." and "..". Returns no entries
    /// if the directory cannot be read.
    virtual std::vector<Entry> list(const std::string& directory) const = 0;

    /// Returns the target of a symbolic link as written, or nullopt if `path` is not a link.
    virtual std::optional<std::string> read_link(const std::string& path) const = 0;

    /// Returns `directory` with all its links resolved. Returns `directory` unchanged on failure.
    virtual std::string resolve(const std::string& directory) const = 0;

    virtual FileStatus status(const std::string& path) const = 0;
    FileKind kind(const std::string& path) const { return status(path).kind; }

    /// Returns the content of a regular file. Follows links.
    virtual boost::system::result<std::string> read(const std::string& path) const = 0;

    /// Returns both the status and the content of a file.
    virtual FileLook look(const std::string& path) const {
        FileLook look{status(path)};
        if (look.status.kind == FileKind::regular)
            look.text = read(path);
        return look;
    }
};

/// The files of this system.
class DiskSource : public FileSource {
public:
    std::vector<Entry> list(const std::string& directory) const override;
    std::optional<std::string> read_link(const std::string& path) const override;
    std::string resolve(const std::string& directory) const override;
    FileStatus status(const std::string& path) const override;
    /// Returns the content of a file. Fails with EFBIG if the file is larger than 16 MiB.
    boost::system::result<std::string> read(const std::string& path) const override;
    FileLook look(const std::string& path) const override;

    /// Returns the same as `look`, or nullopt if `path` is a symbolic link.
    std::optional<FileLook> look_unless_link(const std::string& path) const;
};

}  // namespace notifybridge::load
