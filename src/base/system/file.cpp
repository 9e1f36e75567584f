#include "base/system/file.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "base/util/concat.hpp"

namespace notifybridge::system {
namespace {

/// Returns whether Linux (5.8 and later) reports that `handle` is a mount point. Requests no other
/// attributes: a file system that a process serves may block such requests.
bool is_mount_point(Fd handle) {
    struct statx status {};
    return ::statx(handle.get(), "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, 0, &status) == 0
           && (status.stx_attributes & status.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT);
}

int kind_error(mode_t mode) {
    return S_ISLNK(mode) ? ELOOP : S_ISDIR(mode) ? EISDIR : EMEDIUMTYPE;
}

}  // namespace

Result<UniqueFd> open_directory(const std::string& path) {
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd)
        return last_error();
    return fd;
}

Result<std::vector<DirectoryEntry>> list_directory(const std::string& path, std::size_t most) {
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), ::closedir);
    if (!directory)
        return last_error();
    std::vector<DirectoryEntry> entries;
    while (entries.size() < most) {
        const dirent* const entry = ::readdir(directory.get());
        if (!entry)
            break;
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..")
            entries.push_back({std::string(name), entry->d_type});
    }
    return entries;
}

Result<std::string> read_link(const std::string& path) {
    char target[PATH_MAX];
    const ssize_t length = ::readlink(path.c_str(), target, sizeof target);
    if (length < 0)
        return last_error();
    return std::string(target, static_cast<std::size_t>(length));
}

int make_directories(const std::string& path, mode_t mode) {
    for (std::size_t slash = path.find('/', 1); slash != path.npos;
         slash = path.find('/', slash + 1))
        ::mkdir(path.substr(0, slash).c_str(), mode);
    if (::mkdir(path.c_str(), mode) == 0)
        return 0;
    const int error = errno;
    struct stat status;
    const bool is_there = ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
    return is_there ? 0 : error;
}

/// Uses openat2 (Linux 5.6), or openat if an older kernel or a seccomp filter refuses openat2. With
/// O_NOFOLLOW, openat follows no links either, because `name` is one component.
UniqueFd open_handle(Fd directory, const char* name) {
    open_how how{};
    how.flags = O_PATH | O_CLOEXEC | O_NOFOLLOW;
    how.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH | RESOLVE_NO_XDEV;
    UniqueFd handle(
        static_cast<int>(::syscall(SYS_openat2, directory.get(), name, &how, sizeof how)));
    if (handle || !is_missing_call(errno))
        return handle;
    handle = UniqueFd(::openat(directory.get(), name, O_PATH | O_CLOEXEC | O_NOFOLLOW));
    if (handle && is_mount_point(handle)) {
        handle.reset();
        errno = EXDEV;
    }
    return handle;
}

UniqueFd open_handle(const std::string& path) {
    return UniqueFd(::open(path.c_str(), O_PATH | O_CLOEXEC));
}

Result<UniqueFd> open_regular(Fd directory, const char* name, int flags) {
    const UniqueFd handle = open_handle(directory, name);
    if (!handle)
        return last_error();
    struct stat status;
    if (::fstat(handle.get(), &status) < 0)
        return last_error();
    if (!S_ISREG(status.st_mode))
        return error_of(kind_error(status.st_mode));
    UniqueFd file(::open(proc_path(handle).c_str(), flags | O_CLOEXEC | O_NOCTTY));
    // The file existed a moment ago, so ENOENT means that /proc is missing.
    if (!file)
        return errno == ENOENT ? error_of(ENOSYS) : last_error();
    return file;
}

Result<UniqueFd> create_file(Fd directory, const char* name, mode_t mode) {
    constexpr int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY;
    UniqueFd file(::openat(directory.get(), name, flags, mode));
    if (!file)
        return last_error();
    // Set the mode again, because the umask may have removed bits from it.
    if (::fchmod(file.get(), mode) < 0) {
        const auto failure = last_error();
        ::unlinkat(directory.get(), name, 0);
        return failure;
    }
    return file;
}

constexpr std::size_t random_letters = 10;

std::string temporary_name(std::string_view name) {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz012345";
    std::array<unsigned char, random_letters> random{};
    if (::getrandom(random.data(), random.size(), 0) < 0)
        throw_errno("getrandom");
    std::string out = util::concat('.', name, '.');
    for (const unsigned char byte : random)
        out += letters[byte % letters.size()];
    return out;
}

int replace_link(const std::string& target, const std::string& path) {
    const std::size_t name = path.find_last_of('/') + 1;
    const std::string temporary =
        path.substr(0, name) + temporary_name(std::string_view(path).substr(name));
    if (::symlink(target.c_str(), temporary.c_str()) < 0)
        return errno;
    if (::rename(temporary.c_str(), path.c_str()) == 0)
        return 0;
    const int error = errno;
    ::unlink(temporary.c_str());
    return error;
}

bool is_temporary_name(std::string_view temporary, std::string_view name) {
    return temporary.size() == name.size() + 2 + random_letters
           && temporary.starts_with(util::concat('.', name, '.'));
}

Result<std::size_t> read_at(Fd file, std::span<std::byte> buffer, std::uint64_t offset) {
    ssize_t count;
    do
        count = ::pread(file.get(), buffer.data(), buffer.size(), static_cast<off_t>(offset));
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return last_error();
    return static_cast<std::size_t>(count);
}

std::size_t write_what_fits(Fd file, Bytes bytes, std::uint64_t offset,
                            boost::system::error_code& failure) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t count = ::pwrite(file.get(), bytes.data() + done, bytes.size() - done,
                                       static_cast<off_t>(offset + done));
        if (count < 0 && errno != EINTR) {
            failure = last_error();
            break;
        }
        if (count > 0)
            done += static_cast<std::size_t>(count);
    }
    return done;
}

Result<std::size_t> write_at(Fd file, Bytes bytes, std::uint64_t offset) {
    boost::system::error_code failure;
    const std::size_t done = write_what_fits(file, bytes, offset, failure);
    if (failure)
        return failure;
    return done;
}

namespace {

UniqueFd open_text(const std::string& path) {
    return UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
}

/// Appends the rest of the file to `text`, which contains the beginning of the file. Stops at
/// `most` bytes.
Result<std::string> read_on(Fd file, std::string text, std::size_t most, std::size_t step) {
    std::size_t size = text.size();
    while (size < most) {
        text.resize(std::min(most, size + std::max(size, step)));
        const auto count =
            read_at(file, std::as_writable_bytes(std::span(text)).subspan(size), size);
        if (!count)
            return count.error();
        if (*count == 0)
            break;
        size += *count;
    }
    text.resize(size);
    return text;
}

}  // namespace

// Grows the text while reading, because a file may report any size.
Result<std::string> read_text(Fd file, std::size_t most, std::size_t step) {
    return read_on(file, {}, most, step);
}

Result<std::string> read_text(const std::string& path, std::size_t most) {
    const UniqueFd file = open_text(path);
    return file ? read_text(file, most) : last_error();
}

Result<std::string> read_sized_text(const std::string& path, std::size_t size, std::size_t most) {
    const UniqueFd file = open_text(path);
    if (!file)
        return last_error();
    std::string text(std::min(size + 1, most), '\0');
    const auto count = read_at(file, std::as_writable_bytes(std::span(text)), 0);
    if (!count)
        return count.error();
    text.resize(*count);
    // We requested one byte more and did not get it, so this is the end of the file.
    if (*count == size)
        return text;
    return read_on(file, std::move(text), most, std::max(size, std::size_t{1024}));
}

std::string text_of(const std::string& path, std::size_t most) {
    auto text = read_text(path, most);
    return text ? std::move(*text) : std::string();
}

std::string line_of(const std::string& path) {
    const std::string text = text_of(path);
    return text.substr(0, text.find('\n'));
}

Result<UniqueFd> replace_file(Fd directory, const char* name, Bytes content,
                              util::FunctionRef<Result<int>(Fd file)> prepare) {
    const std::string temporary = temporary_name(name);
    auto file = create_file(directory, temporary.c_str());
    if (!file)
        return file;

    boost::system::error_code failure;
    if (const auto written = write_at(*file, content, 0); !written)
        failure = written.error();
    if (!failure && prepare)
        if (const auto prepared = prepare(*file); !prepared)
            failure = prepared.error();
    if (!failure && ::renameat(directory.get(), temporary.c_str(), directory.get(), name) < 0)
        failure = last_error();
    if (failure) {
        ::unlinkat(directory.get(), temporary.c_str(), 0);
        return failure;
    }
    return file;
}

Result<FileIdentity> identity(Fd file) {
    struct stat status;
    if (::fstat(file.get(), &status) < 0)
        return last_error();
    return FileIdentity{status.st_dev, status.st_ino};
}

Result<FileIdentity> identity(const std::string& path) {
    struct stat status;
    if (::stat(path.c_str(), &status) < 0)
        return last_error();
    return FileIdentity{status.st_dev, status.st_ino};
}

Result<FileIdentity> identity(Fd directory, const char* name) {
    struct stat status;
    if (::fstatat(directory.get(), name, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return last_error();
    return FileIdentity{status.st_dev, status.st_ino};
}

bool may_exist(Fd directory, const char* name) {
    const auto there = identity(directory, name);
    return there || there.error().value() != ENOENT;
}

bool is_removed(Fd file) {
    struct stat status;
    return ::fstat(file.get(), &status) == 0 ? status.st_nlink == 0 : errno == ESTALE;
}

std::string describe_open_error(boost::system::error_code code) {
    switch (code.value()) {
        case ELOOP:
            return "it is a symbolic link";
        case EISDIR:
            return "it is a directory";
        case EMEDIUMTYPE:
            return "it is not a regular file";
        case EXDEV:
            return "something is mounted there";
        case ENOSYS:
            return "the file cannot be opened safely, because /proc is not mounted";
        default:
            return describe(code.value());
    }
}

std::string proc_path(Fd file) {
    return util::concat("/proc/self/fd/", file.get());
}

}  // namespace notifybridge::system
