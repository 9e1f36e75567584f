#include "init/files/unit/path.hpp"

#include "base/util/simplify_path.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::unit {
namespace {

constexpr std::size_t longest_path = 4095;
constexpr std::size_t longest_component = 255;

}  // namespace

bool is_absolute(std::string_view path) noexcept {
    return path.starts_with('/');
}

std::string simplify_path(std::string_view path) {
    return util::simplify_path(path);
}

bool is_normalized(std::string_view path) noexcept {
    if (path.empty() || path.find("//") != std::string_view::npos)
        return false;
    while (!path.empty()) {
        const std::string_view component = util::take_until(path, '/');
        if (component == "." || component == "..")
            return false;
    }
    return true;
}

bool is_valid_path(std::string_view path) noexcept {
    if (path.empty() || path.size() > longest_path)
        return false;
    while (!path.empty())
        if (util::take_until(path, '/').size() > longest_component)
            return false;
    return true;
}

bool is_valid_file_name(std::string_view name) noexcept {
    return !name.empty() && name != "." && name != ".." && name.size() <= longest_component
           && name.find('/') == std::string_view::npos;
}

std::string_view file_name(std::string_view path) noexcept {
    return path.substr(path.rfind('/') + 1);
}

std::string_view directory_name(std::string_view path) noexcept {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos)
        return {};
    return path.substr(0, slash == 0 ? 1 : slash);
}

}  // namespace notifybridge::unit
