#pragma once

#include <string>
#include <vector>

namespace notifybridge::wrap {

/// A new directory for the socket, used if no directory is shared. The destructor removes it.
class PrivateDirectory {
public:
    /// Creates the directory in the first of `places` where this is possible. Skips relative paths,
    /// because they mean other places if the command has another working directory. Throws
    /// std::runtime_error if none of the places can be used.
    explicit PrivateDirectory(const std::vector<std::string>& places);
    PrivateDirectory(const PrivateDirectory&) = delete;
    PrivateDirectory& operator=(const PrivateDirectory&) = delete;
    ~PrivateDirectory();

    const std::string& path() const { return path_; }

private:
    std::string path_;
};

/// The name of the socket in the file system. The destructor removes the name.
class SocketName {
public:
    explicit SocketName(std::string path) : path_(std::move(path)) {}
    SocketName(const SocketName&) = delete;
    SocketName& operator=(const SocketName&) = delete;
    ~SocketName();

    const std::string& path() const { return path_; }

private:
    std::string path_;
};

}  // namespace notifybridge::wrap
