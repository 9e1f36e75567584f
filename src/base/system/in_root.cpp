#include "base/system/in_root.hpp"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "base/util/concat.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::system {

Result<UniqueFd> open_handle_in_root(Fd root, const std::string& path) {
    constexpr int most_links = 40;
    std::vector<UniqueFd> opened;
    std::string rest = path;
    for (int links = 0; !rest.empty();) {
        std::string_view view = rest;
        const std::string part(util::take_until(view, '/'));
        rest = std::string(view);
        if (part == ".." && !opened.empty())
            opened.pop_back();
        if (part.empty() || part == "." || part == "..")
            continue;
        const Fd directory = opened.empty() ? root : Fd(opened.back());
        UniqueFd next(::openat(directory.get(), part.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
        struct stat status;
        if (!next || ::fstat(next.get(), &status) < 0)
            return last_error();
        if (!S_ISLNK(status.st_mode)) {
            opened.push_back(std::move(next));
            continue;
        }
        char target[PATH_MAX];
        const ssize_t length = ::readlinkat(next.get(), "", target, sizeof target);
        if (length < 0)
            return last_error();
        if (++links > most_links)
            return error_of(ELOOP);
        if (target[0] == '/')
            opened.clear();
        rest = util::concat(std::string_view(target, static_cast<std::size_t>(length)), '/', rest);
    }
    if (!opened.empty())
        return std::move(opened.back());
    UniqueFd same(::openat(root.get(), ".", O_PATH | O_CLOEXEC));
    if (!same)
        return last_error();
    return same;
}

}  // namespace notifybridge::system
