#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>
#include <string>
#include <string_view>
#include <system_error>

namespace notifybridge::system {

template <typename T>
using Result = boost::system::result<T>;

/// Returns an error code for a value of errno.
inline boost::system::error_code error_of(int error) noexcept {
    return {error, boost::system::system_category()};
}

/// Returns an error code for errno.
boost::system::error_code last_error() noexcept;

/// Throws std::system_error for errno. Its text names the call and the object: `bind "/run/x.sock":
/// Address already in use`.
[[noreturn]] void throw_errno(std::string_view call, std::string_view object = {});

/// Throws like `throw_errno`, but for the errno value `error`.
[[noreturn]] void throw_error(int error, std::string_view call, std::string_view object = {});

/// Returns whether the same call may succeed later with the same object. Examples are a lack of
/// descriptors or memory (EMFILE, ENOMEM, …), and a disk that failed for a moment (EIO, …).
bool may_pass(boost::system::error_code error) noexcept;

/// Returns whether `error`, a value of errno, means that this process cannot use a system call at
/// all: the kernel is older than the call (ENOSYS), or a system call filter refuses it (EPERM, in
/// the filters of container managers). Only for calls that are not refused for another reason.
bool is_missing_call(int error) noexcept;

/// Returns whether the file system or the quota has no space left.
bool is_full(boost::system::error_code error) noexcept;

/// Returns the text of the errno value `error`: "Permission denied".
std::string describe(int error);

}  // namespace notifybridge::system
