#pragma once

#include <string>
#include <vector>

namespace notifybridge::wrap {

/// A new directory for the socket, if none is shared. It is removed with this object.
class PrivateDirectory {
public:
    /// Creates it in the first of `places` where that is possible. Skips relative paths, because a
    /// command in another working directory would find another place. Throws std::runtime_error.
    explicit PrivateDirectory(const std::vector<std::string>& places);
    PrivateDirectory(const PrivateDirectory&) = delete;
    PrivateDirectory& operator=(const PrivateDirectory&) = delete;
    ~PrivateDirectory();

    const std::string& path() const { return path_; }

private:
    std::string path_;
};

/// The socket's name, which is removed with this object.
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
