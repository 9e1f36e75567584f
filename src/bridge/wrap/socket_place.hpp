#pragma once

#include <string>
#include <vector>

namespace notifybridge::wrap {

/// A fresh directory for the socket where none is shared; removed with it.
class PrivateDirectory {
public:
    /// Made in the first of `places` that takes one; what is no absolute path is passed over, as it
    /// would be another one for a command that is elsewhere. Throws std::runtime_error.
    explicit PrivateDirectory(const std::vector<std::string>& places);
    PrivateDirectory(const PrivateDirectory&) = delete;
    PrivateDirectory& operator=(const PrivateDirectory&) = delete;
    ~PrivateDirectory();

    const std::string& path() const { return path_; }

private:
    std::string path_;
};

/// The socket's name, removed at the end.
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
