#include "base/system/selinux.hpp"

#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <string_view>

#include "base/system/file.hpp"
#include "base/util/concat.hpp"

namespace notifybridge::system {
namespace {

constexpr const char* label_attribute = "security.selinux";

/// Returns the place of the level in a label such as "user:role:type:s0:c1,c2".
std::size_t find_level(std::string_view label) {
    std::size_t at = 0;
    for (int colons = 0; colons < 3; ++colons) {
        at = label.find(':', at);
        if (at++ == label.npos)
            return label.npos;
    }
    return at;
}

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

std::string with_level_of(const std::string& label, const std::string& other) {
    const std::size_t from = find_level(other);
    const std::size_t to = find_level(label);
    return from == label.npos || to == label.npos ? std::string()
                                                  : label.substr(0, to) + other.substr(from);
}

SocketLevel::SocketLevel() {
    if (::access(selinux_directory, F_OK) < 0)
        return;
    own_ = text_of("/proc/self/attr/current");
    own_.resize(std::min(own_.size(), own_.find_first_of(std::string_view("\0\n", 2))));
    file_ = UniqueFd(::open("/proc/self/attr/sockcreate", O_WRONLY | O_CLOEXEC));
}

void SocketLevel::take_from(const std::string& label) const {
    const std::string wanted = with_level_of(own_, label);
    // The kernel accepts a label only as a whole, at the beginning of the file.
    if (file_ && !wanted.empty())
        static_cast<void>(::pwrite(file_.get(), wanted.data(), wanted.size(), 0));
}

void SocketLevel::reset() const {
    // A newline clears the label.
    if (file_)
        static_cast<void>(::pwrite(file_.get(), "\n", 1, 0));
}

}  // namespace notifybridge::system
