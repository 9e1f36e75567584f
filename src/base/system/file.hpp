#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/system/error.hpp"
#include "base/system/fd.hpp"
#include "base/util/function_ref.hpp"

/// Handles files in directories that other users may write to. Functions that take an open
/// directory and a name never follow links. Such a name is a single component of a path.
namespace notifybridge::system {

using Bytes = std::span<const std::byte>;

inline Bytes bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

inline std::string_view as_text(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Opens the directory at `path` for reading.
Result<UniqueFd> open_directory(const std::string& path);

struct DirectoryEntry {
    std::string name;
    unsigned char type = 0;  ///< DT_REG and so on, or DT_UNKNOWN (readdir(3)).
};

/// Returns the entries of the directory at `path` in any order, without "." and "..". Stops after
/// `most` of them.
Result<std::vector<DirectoryEntry>> list_directory(const std::string& path,
                                                   std::size_t most = SIZE_MAX);

/// Creates the directory at `path` and its parents, if they do not exist. Returns an error number,
/// or 0.
int make_directories(const std::string& path, mode_t mode);

/// Returns the target of the symbolic link at `path`, without resolving it.
Result<std::string> read_link(const std::string& path);

/// Opens a handle (O_PATH) for `name` in `directory` without opening the file. If `name` is a link,
/// the handle is for the link. Fails with EXDEV if `name` is a mount point. On failure, sets errno
/// and returns an empty UniqueFd.
UniqueFd open_handle(Fd directory, const char* name);

/// Opens `name` in `directory` if it is a regular file, with the `flags` of open(2). Returns ELOOP
/// for a link, EISDIR for a directory, EXDEV for a mount, and EMEDIUMTYPE for other types of files.
/// Opens only regular files, because merely opening a device or a FIFO has effects.
Result<UniqueFd> open_regular(Fd directory, const char* name, int flags);

/// Opens a handle (O_PATH) for `path`, following links, without opening the file itself. The caller
/// checks the handle, and opens the file with `proc_path`. So nobody can replace the file between
/// the check and the opening. On failure, sets errno and returns an empty UniqueFd.
UniqueFd open_handle(const std::string& path);

/// Creates a new file (O_EXCL) for reading and writing. The default mode lets other users read the
/// file, which most of our files need.
Result<UniqueFd> create_file(Fd directory, const char* name, mode_t mode = 0644);

/// Returns "." + `name` + "." + random letters. A file has this name until it is complete and
/// renamed to `name`.
std::string temporary_name(std::string_view name);
/// Creates the symbolic link `path`, or replaces the file of this name in one step. Returns errno,
/// or 0.
int replace_link(const std::string& target, const std::string& path);

/// Returns whether `temporary_name(name)` could have returned `temporary`.
bool is_temporary_name(std::string_view temporary, std::string_view name);

/// Reads from `offset` into `buffer`. Returns the number of bytes read, which is 0 at the end of
/// the file.
Result<std::size_t> read_at(Fd file, std::span<std::byte> buffer, std::uint64_t offset);

/// Writes `bytes` at `offset`. Returns the number of bytes written, and sets `failure` if not all
/// of them were written.
std::size_t write_what_fits(Fd file, Bytes bytes, std::uint64_t offset,
                            boost::system::error_code& failure);

/// Writes all of `bytes` at `offset`. If this fails, some of them may have been written.
Result<std::size_t> write_at(Fd file, Bytes bytes, std::uint64_t offset);

/// Returns the first `most` bytes of the file, or the whole file if it is shorter. Reads `step`
/// bytes first, then larger pieces.
Result<std::string> read_text(Fd file, std::size_t most, std::size_t step = 1024);

/// Reads the file at `path`, following links. Use this only for paths that no less privileged user
/// can change. Does not block on a FIFO.
Result<std::string> read_text(const std::string& path, std::size_t most);

/// Reads a regular file for which stat(2) reported `size` bytes. Needs only one read(2) if `size`
/// is correct.
Result<std::string> read_sized_text(const std::string& path, std::size_t size, std::size_t most);

/// Reads the file at `path`. Returns an empty text if the file cannot be read.
std::string text_of(const std::string& path, std::size_t most = 1024 * 1024);

/// Returns the first line of a small file, or an empty text if the file cannot be read.
std::string line_of(const std::string& path);

/// Replaces `name` with a new file that contains `content`. Readers see either the old file, or the
/// new one with all its content. Returns the new file, open for reading and writing. `prepare` may
/// change the file before other processes see it, and may return an error to cancel.
Result<UniqueFd> replace_file(Fd directory, const char* name, Bytes content,
                              util::FunctionRef<Result<int>(Fd file)> prepare = {});

/// The identity of a file, independent of its names.
struct FileIdentity {
    dev_t device = 0;
    ino_t inode = 0;

    bool operator==(const FileIdentity&) const = default;
};

Result<FileIdentity> identity(Fd file);

/// Returns the identity of the file at `path`. Follows links.
Result<FileIdentity> identity(const std::string& path);

/// Returns the identity of `name` in `directory`. Does not follow links.
Result<FileIdentity> identity(Fd directory, const char* name);

/// Returns false if `name` does not exist in `directory`. Returns true if it exists or this cannot
/// be found out.
bool may_exist(Fd directory, const char* name);

/// Returns whether the file has no name left.
bool is_removed(Fd file);

/// Returns why `open_regular` failed: "it is a symbolic link", "Permission denied".
std::string describe_open_error(boost::system::error_code error);

/// Returns /proc/self/fd/N, a path to an open file. Other users cannot redirect this path.
std::string proc_path(Fd file);

}  // namespace notifybridge::system
