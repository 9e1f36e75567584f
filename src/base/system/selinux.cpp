#include "base/system/selinux.hpp"

#include <sys/xattr.h>

#include <array>

#include "base/system/file.hpp"
#include "base/util/concat.hpp"

namespace notifybridge::system {
namespace {

constexpr const char* label_attribute = "security.selinux";

}  // namespace

bool selinux_enforces(const std::string& directory) {
    return text_of(util::concat(directory, "/enforce")).starts_with('1');
}

std::string selinux_label(const std::string& path) {
    std::array<char, 256> value{};
    const ssize_t size = ::getxattr(path.c_str(), label_attribute, value.data(), value.size() - 1);
    return size < 0 ? std::string() : std::string(value.data());
}

boost::system::error_code set_selinux_label(const std::string& path, const std::string& label) {
    // The kernel expects the final NUL as a part of the label.
    if (::setxattr(path.c_str(), label_attribute, label.c_str(), label.size() + 1, 0) == 0)
        return {};
    return last_error();
}

}  // namespace notifybridge::system
