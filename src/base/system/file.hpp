#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/system/error.hpp"
#include "base/system/fd.hpp"

/// Files in directories that somebody else may write to. Names are single components, looked up in
/// a directory that is held open; links are never followed.
namespace notifybridge::system {

using Bytes = std::span<const std::byte>;

inline Bytes bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

inline std::string_view as_text(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Opens the directory at `path`.
Result<UniqueFd> open_directory(const std::string& path);

struct DirectoryEntry {
    std::string name;
    unsigned char type = 0;  ///< DT_REG, ..., or DT_UNKNOWN (readdir(3)).
};

/// What is in the directory at `path`, "." and ".." left out, in any order.
Result<std::vector<DirectoryEntry>> list_directory(const std::string& path);

/// Where the symbolic link at `path` points to, as it is written.
Result<std::string> read_link(const std::string& path);

/// A handle (O_PATH) on what `name` means in `directory`, which is not opened by that: on a link
/// itself, and on nothing that is mounted there (EXDEV). Empty, with errno, where there is none.
UniqueFd open_handle(Fd directory, const char* name);

/// Opens what `name` means in `directory` if it is a regular file. Anything else there is not
/// opened, as opening a device or a FIFO already acts on it, and is an error: ELOOP for a link,
/// EISDIR for a directory, EXDEV for a mount, EMEDIUMTYPE for other kinds. `flags` are open(2)'s.
Result<UniqueFd> open_regular(Fd directory, const char* name, int flags);

/// Opens a handle (O_PATH) on what `path` means, links followed: nothing acts on the file by that.
/// Look at the handle, and reopen it by `proc_path`, so that nobody can exchange the file in
/// between. Empty, with errno, if there is none.
UniqueFd open_handle(const std::string& path);

/// Makes a file that was not there, for reading and writing; others have to read most of ours.
Result<UniqueFd> create_file(Fd directory, const char* name, mode_t mode = 0644);

/// "." + `name` + "." + random letters: a name for a file that is renamed to `name` when complete.
std::string temporary_name(std::string_view name);
/// Whether `temporary_name(name)` could have made it.
bool is_temporary_name(std::string_view temporary, std::string_view name);

/// Reads from `offset` on into `buffer`; how many bytes there were, 0 at the end.
Result<std::size_t> read_at(Fd file, std::span<std::byte> buffer, std::uint64_t offset);

/// Writes `bytes` at `offset`, and returns how many before `failure`, which is set where it was not
/// all of them.
std::size_t write_what_fits(Fd file, Bytes bytes, std::uint64_t offset,
                            boost::system::error_code& failure);

/// Writes all of `bytes` at `offset`. On an error, some of them may have been written.
Result<std::size_t> write_at(Fd file, Bytes bytes, std::uint64_t offset);

/// The first `most` bytes of the file, at first `step` bytes at a time.
Result<std::string> read_text(Fd file, std::size_t most, std::size_t step = 1024);

/// The same of the file at `path`, links followed: for paths that only who may do more can change.
/// A FIFO does not hold it up.
Result<std::string> read_text(const std::string& path, std::size_t most);

/// The same of a regular file of which stat(2) says that it has `size` bytes: where it has no more,
/// by one read.
Result<std::string> read_sized_text(const std::string& path, std::size_t size, std::size_t most);

/// The same; "" where it cannot be read.
std::string text_of(const std::string& path, std::size_t most = 1024 * 1024);

/// Puts a file with this content in the place of `name`, so that a reader finds the old one or all
/// of the new one. Returns the new file, open for reading and writing. `prepare` may do more to the
/// file before others see it, and refuse.
Result<UniqueFd> replace_file(Fd directory, const char* name, Bytes content,
                              const std::function<Result<int>(Fd file)>& prepare = {});

/// Which file it is, whatever its names are.
struct FileIdentity {
    dev_t device = 0;
    ino_t inode = 0;

    bool operator==(const FileIdentity&) const = default;
};

Result<FileIdentity> identity(Fd file);

/// The same for what is at a path, links followed.
Result<FileIdentity> identity(const std::string& path);

/// The same for `name` in `directory`, links not followed.
Result<FileIdentity> identity(Fd directory, const char* name);

/// Whether it has no name any more.
bool is_removed(Fd file);

/// What an error of `open_regular` means, for people: "is a symbolic link", "Permission denied".
std::string describe_open_error(boost::system::error_code error);

/// /proc/self/fd/N: a path to an open file that follows no link of others.
std::string proc_path(Fd file);

}  // namespace notifybridge::system
