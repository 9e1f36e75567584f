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

/// What is at a path, links followed.
enum class FileKind {
    missing,
    regular,
    directory,
    null,   ///< Empty, or a device such as /dev/null: what masks a unit.
    other,  ///< A FIFO or a socket.
};

struct FileStatus {
    FileKind kind = FileKind::missing;
    std::int64_t change_time = 0;  ///< Of its content, in nanoseconds since 1970.
};

/// What one look at a path finds.
struct FileLook {
    FileStatus status;
    boost::system::result<std::string> text = std::string();  ///< Of a regular file.
};

/// So many links are followed in one path, as the kernel does it: path_resolution(7).
inline constexpr int most_links = 40;

/// The files that units are made of. All paths are absolute.
class FileSource {
public:
    virtual ~FileSource() = default;

    /// What is in the directory, in any order, "." and ".." left out; nothing where there is none
    /// that can be read.
    virtual std::vector<Entry> list(const std::string& directory) const = 0;

    /// Where a symbolic link points to, as it is written; nothing where it is none.
    virtual std::optional<std::string> read_link(const std::string& path) const = 0;

    /// `directory` with all links in it resolved, or as it is where that cannot be.
    virtual std::string resolve(const std::string& directory) const = 0;

    virtual FileStatus status(const std::string& path) const = 0;
    FileKind kind(const std::string& path) const { return status(path).kind; }

    /// The content of a regular file, links followed.
    virtual boost::system::result<std::string> read(const std::string& path) const = 0;

    /// Both at once.
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
    /// A file larger than 16 MiB is an error (EFBIG).
    boost::system::result<std::string> read(const std::string& path) const override;
    FileLook look(const std::string& path) const override;

    /// The same of what is no symbolic link; nothing where it is one.
    std::optional<FileLook> look_unless_link(const std::string& path) const;
};

}  // namespace notifybridge::load
