#include "init/files/install/root_source.hpp"

#include <algorithm>

#include "base/util/concat.hpp"
#include "init/files/unit/path.hpp"

namespace notifybridge::install {
namespace {

using util::concat;

/// Removes and returns the first component of a path.
std::string take_part(std::string& path) {
    const std::size_t begin = std::min(path.find_first_not_of('/'), path.size());
    const std::size_t end = std::min(path.find('/', begin), path.size());
    std::string part = path.substr(begin, end - begin);
    path.erase(0, end);
    return part;
}

}  // namespace

RootSource::RootSource(std::string root) : root_(std::move(root)) {
    while (root_.ends_with('/'))
        root_.pop_back();
}

std::string RootSource::resolve(const std::string& directory) const {
    std::string rest = directory;
    std::string done;
    for (int links = 0; !rest.empty();) {
        const std::string part = take_part(rest);
        if (part == "..")
            done.resize(done.empty() ? 0 : done.rfind('/'));
        if (part.empty() || part == "." || part == "..")
            continue;
        const std::string next = concat(done, '/', part);
        const auto target = disk_.read_link(root_ + next);
        if (!target || ++links > load::most_links) {
            done = next;
            continue;
        }
        rest = concat(*target, '/', rest);
        if (unit::is_absolute(*target))
            done.clear();
    }
    return done.empty() ? "/" : done;
}

std::string RootSource::real_path(const std::string& path) const {
    const std::string directory = resolve(std::string(unit::directory_name(path)));
    return concat(root_, directory == "/" ? "" : directory, '/', unit::file_name(path));
}

std::string RootSource::real_target(const std::string& path) const {
    return root_ + resolve(path);
}

std::vector<load::Entry> RootSource::list(const std::string& directory) const {
    return disk_.list(real_target(directory));
}

std::optional<std::string> RootSource::read_link(const std::string& path) const {
    return disk_.read_link(real_path(path));
}

load::FileStatus RootSource::status(const std::string& path) const {
    // A link to /dev/null masks a unit, even if /dev/null does not exist below the root directory.
    const std::string target = resolve(path);
    return target == "/dev/null" ? load::FileStatus{load::FileKind::null}
                                 : disk_.status(root_ + target);
}

boost::system::result<std::string> RootSource::read(const std::string& path) const {
    return disk_.read(real_target(path));
}

load::FileLook RootSource::look(const std::string& path) const {
    const std::string_view directory = unit::directory_name(path);
    if (directory_ != directory) {
        directory_ = directory;
        real_directory_ = real_target(directory_);
    }
    auto look = disk_.look_unless_link(concat(real_directory_, '/', unit::file_name(path)));
    return look ? *std::move(look) : FileSource::look(path);
}

}  // namespace notifybridge::install
