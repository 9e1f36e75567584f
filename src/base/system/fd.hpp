#pragma once

#include <unistd.h>

#include <utility>

namespace notifybridge::system {

/// A borrowed file descriptor, which this class never closes. The owner, a UniqueFd, must live
/// longer.
class Fd {
public:
    constexpr Fd() noexcept = default;
    explicit constexpr Fd(int fd) noexcept : fd_(fd) {}

    constexpr int get() const noexcept { return fd_; }
    explicit constexpr operator bool() const noexcept { return fd_ >= 0; }

private:
    int fd_ = -1;
};

/// An owned file descriptor; the destructor closes it.
class UniqueFd {
public:
    UniqueFd() noexcept = default;
    explicit UniqueFd(int fd) noexcept : fd_(fd) {}
    UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
    UniqueFd& operator=(UniqueFd&& other) noexcept {
        reset(other.release());
        return *this;
    }
    ~UniqueFd() { reset(); }

    int get() const noexcept { return fd_; }
    operator Fd() const noexcept { return Fd(fd_); }
    explicit operator bool() const noexcept { return fd_ >= 0; }

    /// Gives up the ownership, and returns the number.
    [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

    void reset(int fd = -1) noexcept {
        const int old = std::exchange(fd_, fd);
        if (old >= 0)
            ::close(old);
    }

private:
    int fd_ = -1;
};

}  // namespace notifybridge::system
