#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>
#include <string>
#include <string_view>
#include <system_error>

namespace notifybridge::system {

template <typename T>
using Result = boost::system::result<T>;

/// A value of errno as an error code.
inline boost::system::error_code error_of(int error) noexcept {
    return {error, boost::system::system_category()};
}

/// errno as an error code.
boost::system::error_code last_error() noexcept;

/// Throws std::system_error for errno; its text names the call and the object:
/// `bind "/run/x.sock": Address already in use`.
[[noreturn]] void throw_errno(std::string_view call, std::string_view object = {});

/// The same for an error that a call handed back.
[[noreturn]] void throw_error(int error, std::string_view call, std::string_view object = {});

/// Whether the same call may succeed later on an object that has not changed: descriptors or memory
/// are used up (EMFILE, ENOMEM, ...), the disk does not answer (EIO, ...).
bool may_pass(boost::system::error_code error) noexcept;

/// Whether there is no room: on the file system, or within the quota.
bool is_full(boost::system::error_code error) noexcept;

/// The words of errno value `error`: "Permission denied".
std::string describe(int error);

}  // namespace notifybridge::system
