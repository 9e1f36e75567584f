#include "system/error.hpp"

#include <cerrno>

#include "util/concat.hpp"
#include "util/escape.hpp"

namespace notifybridge::system {

boost::system::error_code last_error() noexcept {
    return {errno, boost::system::system_category()};
}

void throw_errno(std::string_view call, std::string_view object) {
    throw_error(errno, call, object);
}

void throw_error(int error, std::string_view call, std::string_view object) {
    std::string what(call);
    if (!object.empty())
        what += util::concat(' ', util::quoted(object));
    throw std::system_error(error, std::generic_category(), what);
}

std::string describe(int error) {
    return std::generic_category().message(error);
}

}  // namespace notifybridge::system
