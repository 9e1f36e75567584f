#include "base/system/error.hpp"

#include <array>
#include <cerrno>

#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/escape.hpp"

namespace notifybridge::system {

boost::system::error_code last_error() noexcept {
    return error_of(errno);
}

void throw_errno(std::string_view call, std::string_view object) {
    throw_error(errno, call, object);
}

void throw_error(int error, std::string_view call, std::string_view object) {
    std::string what(call);
    if (!object.empty())
        what += util::concat(' ', util::quote(object));
    throw std::system_error(error, std::generic_category(), what);
}

bool may_pass(boost::system::error_code error) noexcept {
    constexpr std::array<int, 8> passing = {EMFILE, ENFILE, ENOMEM, ENOBUFS,
                                            EIO,    EINTR,  ESTALE, ETIMEDOUT};
    return util::contains(passing, error.value());
}

bool is_missing_call(int error) noexcept {
    return error == ENOSYS || error == EPERM;
}

bool is_full(boost::system::error_code error) noexcept {
    return error.value() == ENOSPC || error.value() == EDQUOT;
}

std::string describe(int error) {
    return std::generic_category().message(error);
}

}  // namespace notifybridge::system
